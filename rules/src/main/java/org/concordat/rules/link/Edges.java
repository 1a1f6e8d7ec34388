package org.concordat.rules.link;

/**
 * The latest payments of an account in one direction, a ring of words: how many there ever were,
 * then for each the other account, its minute, its place in commit order and the components of its
 * value.
 */
final class Edges {
  private static final int HEAD_WORDS = 1;
  private static final int OTHER = 0;
  private static final int MINUTE = 1;
  private static final int ORDER = 2;
  private static final int VALUE = 3;

  private Edges() {}

  static int words(int components) {
    return VALUE + components;
  }

  /** How many are remembered. */
  static int count(long[] words, int start, int edgesMax) {
    return (int) Math.min(words[start], edgesMax);
  }

  /** Where the i-th latest one lies, from 0. */
  static int at(long[] words, int start, int edgesMax, int edgeWords, int latest) {
    return start + HEAD_WORDS + (int) ((words[start] - 1 - latest) % edgesMax) * edgeWords;
  }

  static long other(long[] words, int at) {
    return words[at + OTHER];
  }

  static int minute(long[] words, int at) {
    return (int) words[at + MINUTE];
  }

  static long order(long[] words, int at) {
    return words[at + ORDER];
  }

  static long value(long[] words, int at, int component) {
    return words[at + VALUE + component];
  }

  /** Adds a row's payment; the oldest one gives way. */
  static void add(
      long[] words,
      int start,
      int edgesMax,
      int edgeWords,
      long other,
      long order,
      LinkRows rows,
      int row,
      int value) {
    words[start]++;
    int at = at(words, start, edgesMax, edgeWords, 0);
    words[at + OTHER] = other;
    words[at + MINUTE] = rows.minute(row);
    words[at + ORDER] = order;
    for (int component = 0; component < edgeWords - VALUE; component++) {
      words[at + VALUE + component] = value < 0 ? 0 : rows.value(component, value, row);
    }
  }
}
