package org.concordat.rules.entity;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.concordat.schemas.problem.Code;

/** E-mail addresses in lower case, their domains in ASCII. */
final class Emails {
  /** RFC 5321: octets of a local part, and of a domain. */
  private static final int LOCAL_CHARS_MAX = 64;

  private static final int DOMAIN_CHARS_MAX = 253;
  private static final Pattern LOCAL = Pattern.compile("[^\\s\\p{Cntrl}@]+");
  private static final Pattern DOMAIN =
      Pattern.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])");

  private Emails() {}

  static String normalised(String text) throws RefusedIdentifierException {
    String address = Normalizer.normalize(text.strip(), Normalizer.Form.NFC);
    int at = address.lastIndexOf('@');
    if (at > 0 && address.length() <= LOCAL_CHARS_MAX + 1 + DOMAIN_CHARS_MAX) {
      String local = address.substring(0, at).toLowerCase(Locale.ROOT);
      String domain = ascii(address.substring(at + 1));
      if (local.length() <= LOCAL_CHARS_MAX
          && LOCAL.matcher(local).matches()
          && domain.length() <= DOMAIN_CHARS_MAX
          && DOMAIN.matcher(domain).matches()) {
        return local + "@" + domain;
      }
    }
    throw new RefusedIdentifierException(Code.CDT_343);
  }

  private static String ascii(String domain) {
    try {
      return IDN.toASCII(domain, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
