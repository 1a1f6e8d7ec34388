package org.concordat.rules.link;

import java.util.ArrayDeque;
import java.util.LinkedHashSet;

/** The latest ids of payments and transactions, so that none counts twice; can be undone. */
final class Recent {
  /** Ids; older ones are forgotten. */
  static final int IDS_MAX = 1 << 20;

  private final LinkedHashSet<Long> ids = new LinkedHashSet<>();
  private final ArrayDeque<Long> forgotten = new ArrayDeque<>();
  private final ArrayDeque<Integer> marks = new ArrayDeque<>();
  private final ArrayDeque<Boolean> forgot = new ArrayDeque<>();

  boolean contains(long id) {
    return ids.contains(id);
  }

  /** Adds an id that isn't there. */
  void add(long id) {
    ids.addLast(id);
    boolean full = ids.size() > IDS_MAX;
    if (full) {
      forgotten.addLast(ids.removeFirst());
    }
    forgot.addLast(full);
    marks.addLast(marks.removeLast() + 1);
  }

  /** The oldest first. */
  void write(PageWriter pages) {
    for (long id : ids) {
      pages.entry(1);
      pages.put(id);
    }
    pages.end();
  }

  /** Adds the ids of a page; those of earlier pages are there. */
  void load(long[] page) {
    for (int at = 1; at < page.length; at++) {
      ids.addLast(page[at]);
    }
  }

  void mark() {
    marks.addLast(0);
  }

  /** What was added since the oldest mark stays. */
  void commit() {
    int added = marks.removeFirst();
    for (int i = 0; i < added; i++) {
      if (forgot.removeFirst()) {
        forgotten.removeFirst();
      }
    }
  }

  /** Undoes what was added since the newest mark. */
  void rollback() {
    int added = marks.removeLast();
    for (int i = 0; i < added; i++) {
      ids.removeLast();
      if (forgot.removeLast()) {
        ids.addFirst(forgotten.removeLast());
      }
    }
  }
}
