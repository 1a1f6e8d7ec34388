package org.concordat.rules.link;

import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Cuts one section of what is remembered into pages. A page begins with the section's number, and
 * no entry lies in two of them, so that each is read by itself.
 */
final class PageWriter {
  /** 128 KiB, unless one entry is longer: no page, encoded and sealed, takes a region of a heap. */
  static final int PAGE_WORDS = 1 << 14;

  private static final int HEAD_WORDS = 1;

  private final long section;
  private final Consumer<long[]> pages;
  private long[] page = new long[0];
  private int used;

  PageWriter(long section, Consumer<long[]> pages) {
    this.section = section;
    this.pages = pages;
  }

  /** Makes room for an entry of at most so many words. */
  void entry(int words) {
    if (used + words > page.length) {
      end();
      page = new long[Math.max(PAGE_WORDS, HEAD_WORDS + words)];
      page[0] = section;
      used = HEAD_WORDS;
    }
  }

  void put(long word) {
    page[used++] = word;
  }

  /** Hands on what isn't a whole page. */
  void end() {
    if (used > HEAD_WORDS) {
      pages.accept(Arrays.copyOf(page, used));
    }
    page = new long[0];
    used = 0;
  }
}
