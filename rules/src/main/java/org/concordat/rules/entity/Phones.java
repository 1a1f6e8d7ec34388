package org.concordat.rules.entity;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.PhoneNumberUtil.PhoneNumberFormat;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import org.concordat.schemas.problem.Code;

/** Phone numbers as E.164 writes them: a plus sign, then digits. */
final class Phones {
  private static final int CHARS_MAX = 64;
  private static final String NO_REGION = "ZZ";

  private Phones() {}

  static String normalised(String text, String region) throws RefusedIdentifierException {
    PhoneNumberUtil phones = PhoneNumberUtil.getInstance();
    try {
      String written = text.strip();
      if (written.length() <= CHARS_MAX) {
        PhoneNumber number = phones.parse(written, region.isEmpty() ? NO_REGION : region);
        // An extension would be lost: the company is another entity than the desk.
        if (phones.isValidNumber(number) && !number.hasExtension()) {
          return phones.format(number, PhoneNumberFormat.E164);
        }
      }
    } catch (NumberParseException e) {
      // said below
    }
    throw new RefusedIdentifierException(Code.CDT_342);
  }

  static boolean isRegion(String region) {
    return PhoneNumberUtil.getInstance().getSupportedRegions().contains(region);
  }
}
