package org.concordat.rules.link;

import java.util.Arrays;

/**
 * The room of tables together, whose records begin with a minute and a bank, in one word: their
 * latest, and the one whose record made room be taken. A bank that has filled its part gets no more
 * room until some of it is free again.
 */
final class Quota {
  private static final int BANK_BITS = 8;
  private static final int BANK_MASK = (1 << BANK_BITS) - 1;

  private final int recordsMax;
  private final int perBank;
  private int[] taken = new int[LinkSpec.BANKS_MAX];
  private int size;

  /**
   * @param recordsMax of all tables
   * @param perBank of these
   */
  Quota(int recordsMax, int perBank) {
    this.recordsMax = recordsMax;
    this.perBank = perBank;
  }

  /** A record that may be changed, its minute is the latest one now; -1 where there's no room. */
  int change(EntityTable table, long key, int bank, int minute) {
    int index = table.find(key);
    boolean isNew = index < 0;
    if (isNew && (size >= recordsMax || taken[bank] >= perBank)) {
      return -1;
    }
    index = table.change(key);
    if (index >= 0) {
      long[] words = table.words(index);
      int at = table.offset(index);
      long latest = isNew ? minute : Math.max(minute(words[at]), minute);
      long owner = isNew ? bank : words[at] & BANK_MASK;
      words[at] = latest << BANK_BITS | owner;
      if (isNew) {
        taken[bank]++;
        size++;
      }
    }
    return index;
  }

  static long minute(long word) {
    return word >> BANK_BITS;
  }

  /** Removes from a table what is older; its banks have the room again. */
  void removeBefore(EntityTable table, long oldest) {
    table.removeIf(
        word -> {
          boolean isOld = minute(word) < oldest;
          if (isOld) {
            taken[(int) word & BANK_MASK]--;
            size--;
          }
          return isOld;
        });
  }

  /** Records of all tables. */
  int size() {
    return size;
  }

  /** By bank, a copy. */
  int[] taken() {
    return taken.clone();
  }

  /** Back to what was taken at a mark of the tables. */
  void restore(int[] takenThen) {
    taken = takenThen.clone();
    size = Arrays.stream(taken).sum();
  }
}
