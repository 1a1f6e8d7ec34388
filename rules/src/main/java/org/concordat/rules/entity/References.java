package org.concordat.rules.entity;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;
import org.concordat.schemas.problem.Code;

/** References as their makers write them, in one Unicode form. */
final class References {
  private static final int CHARS_MAX = 256;
  private static final Pattern UETR =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private References() {}

  static String normalised(String text) throws RefusedIdentifierException {
    String stripped = text.strip();
    // Normalising can make a text longer, so that its length is bounded before and after.
    if (stripped.length() <= CHARS_MAX) {
      String reference = Normalizer.normalize(stripped, Normalizer.Form.NFC);
      boolean printable = reference.codePoints().noneMatch(Character::isISOControl);
      if (!reference.isEmpty() && reference.length() <= CHARS_MAX && printable) {
        return reference;
      }
    }
    throw new RefusedIdentifierException(Code.CDT_345);
  }

  /** A UETR in lower case; any other reference as it is. */
  static String payment(String text) throws RefusedIdentifierException {
    String reference = normalised(text);
    return UETR.matcher(reference).matches() ? reference.toLowerCase(Locale.ROOT) : reference;
  }

  /** A part of several: after its length, so that no two lists of parts look alike. */
  static String joined(String text) throws RefusedIdentifierException {
    String reference = normalised(text);
    return reference.length() + ":" + reference;
  }
}
