package org.concordat.ops.simulate;

import java.util.Locale;

/** German account numbers with valid check digits. */
public final class Iban {
  private static final int BANK_CODE = 10_000_000;

  private Iban() {}

  /** The number of a bank's account. */
  public static String of(int bank, int number) {
    String basic = String.format(Locale.ROOT, "%08d%010d", BANK_CODE + bank, number);
    return "DE" + checkDigits(basic) + basic;
  }

  /** ISO 13616: 98 less the remainder by 97 of the digits, country DE as 1314 and 00 behind. */
  private static String checkDigits(String basic) {
    int remainder = 0;
    for (char digit : (basic + "131400").toCharArray()) {
      remainder = (remainder * 10 + (digit - '0')) % 97;
    }
    return String.format(Locale.ROOT, "%02d", 98 - remainder);
  }
}
