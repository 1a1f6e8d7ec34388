package org.concordat.rules.link;

import java.util.List;
import java.util.function.Consumer;

/** A {@link HiddenState}: its records don't change; the rest is written or copied as it begins. */
final class HiddenSweep implements LinkSweep {
  /** Sections of pages. */
  static final int SCALARS = 0;

  static final int RECENT = 1;
  static final int HEADS = 2;
  static final int RECORDS = 3;

  /** Role, bucket and place. */
  static final int HEAD_WORDS = 3;

  private final PageWriter headWriter;
  private final PageWriter recordWriter;
  private final List<long[]> heads;
  private final HiddenPage[] pages;
  private final long end;
  private int role;
  private int nextHead;
  private long next;

  /**
   * @param heads by role, buckets and the places of their latest records
   * @param pages that hold the records from one place to before another
   */
  HiddenSweep(Consumer<long[]> to, List<long[]> heads, HiddenPage[] pages, long begin, long end) {
    this.headWriter = new PageWriter(HEADS, to);
    this.recordWriter = new PageWriter(RECORDS, to);
    this.heads = heads;
    this.pages = pages;
    this.next = begin;
    this.end = end;
  }

  @Override
  public boolean on(int records) {
    int left = records;
    while (left > 0 && role < heads.size()) {
      left = writeHeads(left);
    }
    while (left > 0 && next < end) {
      pages[HiddenPage.number(next, pages[0])].write(recordWriter, next);
      next++;
      left--;
    }
    if (role < heads.size() || next < end) {
      return false;
    }
    headWriter.end();
    recordWriter.end();
    return true;
  }

  private int writeHeads(int records) {
    long[] of = heads.get(role);
    int left = records;
    for (; left > 0 && nextHead < of.length; left--) {
      headWriter.entry(HEAD_WORDS);
      headWriter.put(role);
      headWriter.put(of[nextHead++]);
      headWriter.put(of[nextHead++]);
    }
    if (nextHead == of.length) {
      role++;
      nextHead = 0;
    }
    return left;
  }

  @Override
  public void giveUp() {
    role = heads.size();
    next = end;
  }
}
