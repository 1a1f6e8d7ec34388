package org.concordat.rules.entity;

import java.net.InetAddress;
import java.util.regex.Pattern;
import org.concordat.schemas.problem.Code;

/** IP addresses; an IPv4 address that is mapped into IPv6 is the IPv4 address. */
final class Addresses {
  // Octets without leading zeros, which some systems read as octal; no fewer than four.
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern LIKE_IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  private Addresses() {}

  static String normalised(String text) throws RefusedIdentifierException {
    String address = text.strip();
    if (IPV4.matcher(address).matches()) {
      return address;
    }
    if (address.indexOf(':') >= 0 && LIKE_IPV6.matcher(address).matches()) {
      try {
        // Of literals alone: no name is ever looked up.
        return InetAddress.ofLiteral(address).getHostAddress();
      } catch (IllegalArgumentException e) {
        // said below
      }
    }
    throw new RefusedIdentifierException(Code.CDT_344);
  }
}
