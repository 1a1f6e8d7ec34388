package org.concordat.rules.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a table changed since a mark, read backwards to undo it. Most words of most records are
 * zero, so that a record is kept as a bit for each of its words and the words that aren't.
 *
 * <p>An entry: those bits and words, then its length, the index of the record, its kind and the
 * key. It lies in one page; pages are used again by later logs.
 */
final class ChangeLog {
  /** What can be undone. */
  enum Kind {
    CHANGED,
    CREATED,
    REMOVED;

    private static final Kind[] ALL = values();
  }

  private static final int TAIL_WORDS = 4;

  /** Pages for the logs of one table, whose records have a length in common. */
  static final class Pages {
    private static final int PAGE_WORDS = 1 << 15;

    /** 16 MiB; what a larger batch took is left to the collector. */
    private static final int SPARE_MAX = 64;

    private final int recordWords;
    private final int maskWords;
    private final int pageWords;
    private final ArrayDeque<long[]> spare = new ArrayDeque<>();

    Pages(int recordWords) {
      this.recordWords = recordWords;
      this.maskWords = Math.ceilDiv(recordWords, Long.SIZE);
      this.pageWords = Math.max(PAGE_WORDS, maskWords + recordWords + TAIL_WORDS);
    }

    private long[] take() {
      long[] page = spare.poll();
      return page == null ? new long[pageWords] : page;
    }

    private void give(long[] page) {
      if (spare.size() < SPARE_MAX) {
        spare.push(page);
      }
    }
  }

  private final Pages pages;
  private final List<long[]> full = new ArrayList<>();
  private final List<Integer> fullUntil = new ArrayList<>();
  private long[] page;
  private int used;
  private int entry;

  ChangeLog(Pages pages) {
    this.pages = pages;
    this.page = pages.take();
  }

  /** Remembers a record as it is. */
  void add(Kind kind, int index, long key, long[] source, int offset) {
    reserve(pages.maskWords + pages.recordWords + TAIL_WORDS);
    int start = used;
    int at = start + pages.maskWords;
    Arrays.fill(page, start, at, 0);
    for (int word = 0; word < pages.recordWords; word++) {
      long value = source[offset + word];
      if (value != 0) {
        page[start + word / Long.SIZE] |= 1L << word;
        page[at++] = value;
      }
    }
    end(kind, index, key, start, at);
  }

  /** Remembers that a record was made. */
  void addCreated(int index, long key) {
    reserve(TAIL_WORDS);
    end(Kind.CREATED, index, key, used, used);
  }

  private void reserve(int words) {
    if (used + words > page.length) {
      full.addLast(page);
      fullUntil.addLast(used);
      page = pages.take();
      used = 0;
    }
  }

  private void end(Kind kind, int index, long key, int start, int at) {
    page[at] = at + TAIL_WORDS - start;
    page[at + 1] = index;
    page[at + 2] = kind.ordinal();
    page[at + 3] = key;
    used = at + TAIL_WORDS;
  }

  boolean hasPrevious() {
    return used > 0 || !full.isEmpty();
  }

  /** Goes back by one entry; what stood there can be read until the next change. */
  void previous() {
    if (used == 0) {
      pages.give(page);
      page = full.removeLast();
      used = fullUntil.removeLast();
    }
    entry = used - TAIL_WORDS;
    used -= (int) page[entry];
  }

  Kind kind() {
    return Kind.ALL[(int) page[entry + 2]];
  }

  int index() {
    return (int) page[entry + 1];
  }

  long key() {
    return page[entry + 3];
  }

  /** The record as it was. */
  void copyTo(long[] target, int offset) {
    int at = used + pages.maskWords;
    for (int word = 0; word < pages.recordWords; word++) {
      boolean isZero = (page[used + word / Long.SIZE] >>> word & 1) == 0;
      target[offset + word] = isZero ? 0 : page[at++];
    }
  }

  /** Hands the pages to later logs. */
  void release() {
    full.forEach(pages::give);
    pages.give(page);
  }
}
