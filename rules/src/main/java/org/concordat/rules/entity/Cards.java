package org.concordat.rules.entity;

import java.util.regex.Pattern;
import org.apache.commons.validator.routines.checkdigit.LuhnCheckDigit;
import org.concordat.schemas.problem.Code;

/** Card numbers as digits alone. */
final class Cards {
  private static final Pattern SEPARATORS = Pattern.compile("[ -]");
  private static final Pattern DIGITS = Pattern.compile("[0-9]{12,19}");

  private Cards() {}

  static String normalised(String text) throws RefusedIdentifierException {
    String digits = SEPARATORS.matcher(text.strip()).replaceAll("");
    if (!DIGITS.matcher(digits).matches() || !LuhnCheckDigit.LUHN_CHECK_DIGIT.isValid(digits)) {
      throw new RefusedIdentifierException(Code.CDT_341);
    }
    return digits;
  }
}
