package org.concordat.rules.link;

import java.util.Arrays;

/**
 * Earlier records that rows may see, in a list that grows: whose entity is the row's is not known
 * of them. Prints nothing of them.
 */
public final class SeenRecords {
  private static final int FIRST_SIZE = 1024;

  private HiddenPage[] of = new HiddenPage[FIRST_SIZE];
  private int[] at = new int[FIRST_SIZE];
  private int size;

  void add(HiddenPage page, int record) {
    if (size == at.length) {
      of = Arrays.copyOf(of, 2 * size);
      at = Arrays.copyOf(at, 2 * size);
    }
    of[size] = page;
    at[size++] = record;
  }

  public int size() {
    return size;
  }

  public void clear() {
    Arrays.fill(of, 0, size, null);
    size = 0;
  }

  public int minute(int index) {
    return of[index].minute(at[index]);
  }

  /** Index of the submitting bank. */
  public int bank(int index) {
    return of[index].bank(at[index]);
  }

  /** A kept word's component, see {@link LinkSpec#keptWords}. */
  public long word(int component, int word, int index) {
    return of[index].word(component, word, at[index]);
  }

  @Override
  public String toString() {
    return "SeenRecords[size=" + size + "]";
  }
}
