package org.concordat.agent.iso;

import java.util.Currency;

/** Amounts as ISO 20022 writes them. */
final class Money {
  private Money() {}

  /** Whether a currency exists and an amount has no more decimals than it, as they are written. */
  static boolean fits(String amount, String currency) {
    int decimals;
    try {
      decimals = Currency.getInstance(currency).getDefaultFractionDigits();
    } catch (IllegalArgumentException e) {
      return false;
    }
    int point = amount.indexOf('.');
    return decimals >= 0 && (point < 0 || amount.length() - point - 1 <= decimals);
  }
}
