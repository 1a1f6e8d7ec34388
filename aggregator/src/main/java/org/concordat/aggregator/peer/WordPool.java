package org.concordat.aggregator.peer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Arrays for flights, used again; keeps at most {@link #WORDS_MAX} words. */
final class WordPool {
  static final long WORDS_MAX = 8L << 20;
  private static final int SMALLEST_BITS = 8;

  /** Words of the shortest array. */
  static final int SMALLEST = 1 << SMALLEST_BITS;

  private final List<ArrayDeque<long[]>> bySize = new ArrayList<>();
  private long words;

  WordPool() {
    for (int bits = 0; bits < Integer.SIZE; bits++) {
      bySize.add(new ArrayDeque<>());
    }
  }

  /** An array of at least that length, with anything in it. */
  synchronized long[] take(int length) {
    int bits = Math.max(SMALLEST_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(length - 1));
    long[] array = bySize.get(bits).pollLast();
    if (array == null) {
      return new long[1 << bits];
    }
    words -= array.length;
    return array;
  }

  /** Gives back an array that {@link #take} gave. */
  synchronized void giveBack(long[] array) {
    if (words + array.length <= WORDS_MAX) {
      words += array.length;
      bySize.get(Integer.numberOfTrailingZeros(array.length)).addLast(array);
    }
  }
}
