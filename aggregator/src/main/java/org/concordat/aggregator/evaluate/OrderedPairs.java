package org.concordat.aggregator.evaluate;

import java.util.Arrays;
import org.concordat.rules.link.LinkSpec.Kind;

/**
 * Pairs in runs, for windows whose number is a sum of weights of those places of a run until which
 * any pair is equal. By banks: a run for each, whose last place weighs 1. By age, the least or the
 * greatest first: what the age differs from the next one's. All of it is public.
 */
final class OrderedPairs {
  private static final int FIRST_SIZE = 1024;

  private int[] pair = new int[FIRST_SIZE];
  private int[] place = new int[FIRST_SIZE];
  private int[] weight = new int[FIRST_SIZE];
  private int[] column = new int[FIRST_SIZE];
  private int[] row = new int[FIRST_SIZE];
  private int size;

  private Kind kind = Kind.BANKS;
  private int columnNow;
  private int rowNow;

  /** By the key in the high half, so that sorting them orders pairs. */
  private long[] keys = new long[FIRST_SIZE];

  private int count;

  /** Begins the pairs of one row and window. */
  void begin(Kind of, int columnOf, int rowOf) {
    kind = of;
    columnNow = columnOf;
    rowNow = rowOf;
    count = 0;
  }

  /**
   * @param key bank or age
   */
  void add(int pairOf, int key) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, 2 * count);
    }
    keys[count++] = (long) (kind == Kind.SINCE_FIRST ? -key : key) << Integer.SIZE | pairOf;
  }

  /**
   * Ends them.
   *
   * @param window minutes
   */
  void end(int window) {
    Arrays.sort(keys, 0, count);
    reserve(size + count);
    int since = 0;
    for (int i = 0; i < count; i++) {
      int key = key(i);
      int next = i + 1 < count ? key(i + 1) : last(window);
      boolean isLast = i + 1 == count || next != key;
      boolean begins = i == 0 || (kind == Kind.BANKS && key(i - 1) != key);
      since = begins ? 0 : since + 1;
      pair[size] = (int) keys[i];
      place[size] = since;
      weight[size] =
          switch (kind) {
            case BANKS -> isLast ? 1 : 0;
            // From the window's length down to the least age, from 0 up to the greatest.
            case SINCE_LAST -> key - next;
            case SINCE_FIRST -> next - key;
            case COUNT, SUM, COUNTERPARTIES, LATEST ->
                throw new IllegalArgumentException("needs no order");
          };
      column[size] = columnNow;
      row[size] = rowNow;
      size++;
    }
  }

  /** What the number is if no pair is equal, as a key. */
  private int last(int window) {
    return kind == Kind.SINCE_LAST ? window : 0;
  }

  /** Ages of the greatest first are negative. */
  private int key(int index) {
    return (int) (keys[index] >> Integer.SIZE);
  }

  private void reserve(int needed) {
    if (needed > pair.length) {
      int length = Math.max(needed, 2 * pair.length);
      pair = Arrays.copyOf(pair, length);
      place = Arrays.copyOf(place, length);
      weight = Arrays.copyOf(weight, length);
      column = Arrays.copyOf(column, length);
      row = Arrays.copyOf(row, length);
    }
  }

  int size() {
    return size;
  }

  int pair(int index) {
    return pair[index];
  }

  /** Within the runs, by index. */
  int[] places() {
    return Arrays.copyOf(place, size);
  }

  int weight(int index) {
    return weight[index];
  }

  int column(int index) {
    return column[index];
  }

  int row(int index) {
    return row[index];
  }

  @Override
  public String toString() {
    return "OrderedPairs[size=" + size + "]";
  }
}
