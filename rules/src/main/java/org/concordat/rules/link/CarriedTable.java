package org.concordat.rules.link;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * What an epoch got of the entities of one group that the epoch before knew: by their pseudonym of
 * this epoch, words as secret as the values, first those that are bits and then numbers. Where they
 * were padded nobody knows which of them are entities. Never changes. Prints nothing of it.
 */
public final class CarriedTable {
  private final int newestMinute;
  private final int banks;
  private final long[] pseudonyms;
  private final long[][][] words;

  /**
   * What {@link #pseudonyms} and {@link #words} gave; not copied.
   *
   * @param newestMinute of the records of the epoch before
   * @param banks the highest number of one that is in any mask, plus one
   * @param pseudonyms ascending
   * @param words by component, word and row
   */
  public CarriedTable(int newestMinute, int banks, long[] pseudonyms, long[][][] words) {
    this.banks = banks;
    for (long[][] component : words) {
      for (long[] word : component) {
        if (word.length != pseudonyms.length) {
          throw new IllegalArgumentException("columns of different length");
        }
      }
    }
    this.newestMinute = newestMinute;
    this.pseudonyms = pseudonyms;
    this.words = words;
  }

  /**
   * Rows in any order. One column at a time is copied; the words given are overwritten.
   *
   * @param pseudonyms by row
   */
  public static CarriedTable sorted(
      int newestMinute, int banks, long[] pseudonyms, long[][][] words) {
    int[] order =
        IntStream.range(0, pseudonyms.length)
            .boxed()
            .sorted(Comparator.comparingLong(row -> pseudonyms[row]))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] copy = new long[pseudonyms.length];
    for (long[][] component : words) {
      for (long[] word : component) {
        reorder(word, order, copy);
      }
    }
    long[] ascending = pseudonyms.clone();
    Arrays.sort(ascending);
    return new CarriedTable(newestMinute, banks, ascending, words);
  }

  private static void reorder(long[] column, int[] order, long[] copy) {
    for (int row = 0; row < order.length; row++) {
      copy[row] = column[order[row]];
    }
    System.arraycopy(copy, 0, column, 0, order.length);
  }

  /** The row of a pseudonym, or negative. */
  int find(long pseudonym) {
    return Arrays.binarySearch(pseudonyms, pseudonym);
  }

  long word(int component, int word, int row) {
    return words[component][word][row];
  }

  public int newestMinute() {
    return newestMinute;
  }

  public int banks() {
    return banks;
  }

  public int rows() {
    return pseudonyms.length;
  }

  /** Ascending; not a copy. */
  public long[] pseudonyms() {
    return pseudonyms;
  }

  /** By component, word and row; not a copy. */
  public long[][][] words() {
    return words;
  }

  @Override
  public String toString() {
    return "CarriedTable[rows=" + pseudonyms.length + "]";
  }
}
