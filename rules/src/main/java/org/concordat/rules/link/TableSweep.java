package org.concordat.rules.link;

import java.util.BitSet;

/**
 * Writes a table's records as they were when it began, some at a time: one that is changed before
 * its turn comes is written before it is changed. Most words of most records are zero, so that an
 * entry is the key and, for each 64 words, a bit for each and those that aren't.
 */
final class TableSweep {
  private final PageWriter pages;
  private final int recordWords;
  private final int end;

  /** By index, or made since. */
  private final BitSet written = new BitSet();

  private int next;

  /**
   * @param end of the indexes of records, those of removed ones among them
   */
  TableSweep(PageWriter pages, int recordWords, int end) {
    this.pages = pages;
    this.recordWords = recordWords;
    this.end = end;
  }

  /** The next index whose record isn't written, or -1 if there is none. */
  int next() {
    next = written.nextClearBit(next);
    return next < end ? next++ : -1;
  }

  /** Writes a record, unless it is written or was made since. */
  void write(int index, long key, long[] words, int offset) {
    if (index >= end || written.get(index)) {
      return;
    }
    written.set(index);
    pages.entry(1 + Math.ceilDiv(recordWords, Long.SIZE) + recordWords);
    pages.put(key);
    for (int from = 0; from < recordWords; from += Long.SIZE) {
      int to = Math.min(recordWords, from + Long.SIZE);
      long bits = 0;
      for (int word = from; word < to; word++) {
        bits |= words[offset + word] == 0 ? 0 : 1L << word;
      }
      pages.put(bits);
      for (int word = from; word < to; word++) {
        if (words[offset + word] != 0) {
          pages.put(words[offset + word]);
        }
      }
    }
  }

  /** The record of an index is another than that of the beginning. */
  void leave(int index) {
    if (index < end) {
      written.set(index);
    }
  }

  /** All are written. */
  void end() {
    pages.end();
  }
}
