package org.concordat.rules.feature;

/** Reads the plain decimals that nearly every cell holds, without an object for each. */
final class QuickNumber {
  /** The text is no short plain decimal with few enough decimals: read it the long way. */
  static final long UNREAD = Long.MIN_VALUE;

  private static final int CHARS_MAX = 18;

  private QuickNumber() {}

  /** A number in units of its last decimal, or {@link #UNREAD}. */
  static long scaled(String text, int decimals) {
    int length = text.length();
    int start = length > 0 && text.charAt(0) == '-' ? 1 : 0;
    if (length - start < 1 || length - start + decimals > CHARS_MAX) {
      return UNREAD;
    }
    long value = 0;
    int fraction = -1;
    for (int i = start; i < length; i++) {
      char c = text.charAt(i);
      if (c == '.' && fraction < 0 && i > start && i < length - 1) {
        fraction = 0;
      } else if (c >= '0' && c <= '9') {
        value = value * 10 + (c - '0');
        fraction += fraction < 0 ? 0 : 1;
      } else {
        return UNREAD;
      }
    }
    if (fraction > decimals) {
      return UNREAD;
    }
    for (int i = Math.max(fraction, 0); i < decimals; i++) {
      value *= 10;
    }
    return start == 1 ? -value : value;
  }
}
