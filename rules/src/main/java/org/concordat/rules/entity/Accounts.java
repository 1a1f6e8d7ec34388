package org.concordat.rules.entity;

import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.validator.routines.IBANValidator;
import org.concordat.schemas.problem.Code;

/** Accounts in upper case, without what people group them by. */
final class Accounts {
  private static final Pattern SEPARATORS = Pattern.compile("[\\s./-]+");
  private static final Pattern NATIONAL = Pattern.compile("[A-Z0-9]{1,34}");
  private static final Pattern LIKE_IBAN = Pattern.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]+");

  private Accounts() {}

  static String normalised(String text) throws RefusedIdentifierException {
    String account = national(text);
    IBANValidator ibans = IBANValidator.getInstance();
    // With a wrong digit it would be a national account that no other bank knows.
    if (LIKE_IBAN.matcher(account).matches()
        && ibans.hasValidator(account)
        && !ibans.isValid(account)) {
      throw new RefusedIdentifierException(Code.CDT_340);
    }
    return account;
  }

  static String national(String text) throws RefusedIdentifierException {
    String account = SEPARATORS.matcher(text.strip()).replaceAll("").toUpperCase(Locale.ROOT);
    if (!NATIONAL.matcher(account).matches()) {
      throw new RefusedIdentifierException(Code.CDT_339);
    }
    return account;
  }
}
