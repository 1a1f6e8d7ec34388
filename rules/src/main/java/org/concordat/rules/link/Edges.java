package org.concordat.rules.link;

/**
 * The latest payments of an account in one direction, a ring of words: how many there ever were,
 * then for each the other account, its minute, its place in commit order and the components of its
 * value; where members are named, also its transaction id (2) and who submitted it.
 */
final class Edges {
  private static final int HEAD_WORDS = 1;
  private static final int OTHER = 0;
  private static final int MINUTE = 1;
  private static final int ORDER = 2;
  private static final int VALUE = 3;
  private static final int MEMBER_WORDS = 3;
  private static final long ALERTABLE = 1L << 32;

  private Edges() {}

  static int words(int components, boolean namesMembers) {
    return VALUE + components + (namesMembers ? MEMBER_WORDS : 0);
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

  /** What is known of it; only where members are named. */
  static Member member(long[] words, int at, int components) {
    int id = at + VALUE + components;
    long from = words[id + 2];
    return new Member(
        order(words, at), (int) from, words[id], words[id + 1], (from & ALERTABLE) != 0);
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
    int components = rows.components();
    for (int component = 0; component < components; component++) {
      words[at + VALUE + component] = value < 0 ? 0 : rows.value(component, value, row);
    }
    if (edgeWords > VALUE + components) {
      int id = at + VALUE + components;
      words[id] = rows.idHigh(row);
      words[id + 1] = rows.idLow(row);
      words[id + 2] = rows.bank(row) | (rows.alertable(row) ? ALERTABLE : 0);
    }
  }
}
