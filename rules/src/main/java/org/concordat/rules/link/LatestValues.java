package org.concordat.rules.link;

import java.util.Arrays;

/**
 * The values of the latest records of a track, one by one, a ring of words: how many there ever
 * were, then for each its minute and the components of its values. Which of them a record sees is
 * the {@link PaneRing}'s to say.
 */
final class LatestValues {
  private static final int HEAD_WORDS = 1;
  private static final int MINUTE = 0;
  private static final int VALUES = 1;

  private final int latestMax;
  private final int[] values;
  private final int components;
  private final int start;
  private final int entryWords;

  /**
   * @param latestMax records that are remembered; 0 for none
   * @param values indexes of those that are, ascending
   * @param start of its words in the record
   */
  LatestValues(int latestMax, int[] values, int components, int start) {
    this.latestMax = latestMax;
    this.values = values;
    this.components = components;
    this.start = start;
    this.entryWords = VALUES + values.length * components;
  }

  int words() {
    return latestMax == 0 ? 0 : HEAD_WORDS + latestMax * entryWords;
  }

  /** Adds a row's values; the oldest ones give way. */
  void add(long[] words, int base, LinkRows rows, int row) {
    if (latestMax == 0) {
      return;
    }
    words[base + start]++;
    int at = at(words, base, 0);
    words[at + MINUTE] = rows.minute(row);
    for (int i = 0; i < values.length; i++) {
      for (int component = 0; component < components; component++) {
        words[at + VALUES + i * components + component] = rows.value(component, values[i], row);
      }
    }
  }

  /** How many are remembered. */
  private int count(long[] words, int base) {
    return (int) Math.min(words[base + start], latestMax);
  }

  /** Where the i-th latest one lies, from 0. */
  private int at(long[] words, int base, int latest) {
    long place = (words[base + start] - 1 - latest) % latestMax;
    return base + start + HEAD_WORDS + (int) place * entryWords;
  }

  /** The values that a record of a minute sees, the latest first, after how many they are. */
  void read(
      PaneRing ring,
      long[] words,
      int base,
      int value,
      int minute,
      LinkColumns columns,
      int column,
      int row) {
    int seen = 0;
    for (int i = 0; i < count(words, base); i++) {
      if (ring.sees(words, base, minute, minute(words, base, i))) {
        seen++;
        for (int c = 0; c < components; c++) {
          columns.shared(c, column + seen)[row] = value(words, base, i, value, c);
        }
      }
    }
    columns.open(column)[row] = seen;
  }

  private int minute(long[] words, int base, int latest) {
    return (int) words[at(words, base, latest) + MINUTE];
  }

  private long value(long[] words, int base, int latest, int value, int component) {
    int index = Arrays.binarySearch(values, value);
    return words[at(words, base, latest) + VALUES + index * components + component];
  }
}
