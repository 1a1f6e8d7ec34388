package org.concordat.rules.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.concordat.rules.link.ChangeLog.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Records of words by pseudonym, in chunks, with a log that undoes what was changed since a mark.
 * Open addressing with linear probing; removal moves later entries up, so that no marks of removed
 * ones are left.
 */
final class EntityTable {
  /** A key, a number and a mark, at a load of at most three quarters. */
  static final int OVERHEAD_BYTES = 24;

  private static final int NONE = -1;

  /** Of a chunk at most: 256 KiB, less than half a region of any heap, which would be wasted. */
  private static final int CHUNK_WORDS = 1 << 15;

  private static final int FIRST_PLACES = 1 << 10;

  private final int recordWords;
  private final int recordsMax;
  private final int chunkBits;
  private final List<long[]> chunks = new ArrayList<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final ArrayDeque<ChangeLog> logs = new ArrayDeque<>();
  private final ChangeLog.Pages pages;

  /**
   * Two words of each place, so that a look-up takes one line of the cache: key, index plus one.
   */
  private long[] places = new long[2 * FIRST_PLACES];

  private long[] keyOf = new long[0];
  private int[] loggedAt = new int[0];
  private int end;
  private int size;
  private int logNumber;
  private @Nullable TableSweep sweep;

  EntityTable(int recordWords, int recordsMax) {
    this.recordWords = recordWords;
    this.recordsMax = recordsMax;
    int records = Math.max(1, CHUNK_WORDS / recordWords);
    this.chunkBits = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(records);
    this.pages = new ChangeLog.Pages(recordWords);
  }

  int size() {
    return size;
  }

  /** Index of a pseudonym's record, or -1. */
  int find(long key) {
    int place = home(key);
    while (places[place + 1] != 0) {
      if (places[place] == key) {
        return index(place);
      }
      place = next(place);
    }
    return NONE;
  }

  /** All pseudonyms, in any order. */
  long[] keys() {
    long[] all = new long[size];
    int at = 0;
    for (int place = 0; place < places.length; place += 2) {
      if (places[place + 1] != 0) {
        all[at++] = places[place];
      }
    }
    return all;
  }

  /** The chunk that holds a record; see {@link #offset}. */
  long[] words(int index) {
    return chunks.get(index >>> chunkBits);
  }

  /** Where a record begins in its chunk. */
  int offset(int index) {
    return (index & (1 << chunkBits) - 1) * recordWords;
  }

  /** A record that may be changed, made of zeros if there was none; -1 where the table is full. */
  int change(long key) {
    int index = find(key);
    if (index == NONE) {
      return size < recordsMax ? create(key) : NONE;
    }
    if (loggedAt[index] != logNumber) {
      loggedAt[index] = logNumber;
      sweepBefore(index);
      log().add(Kind.CHANGED, index, key, words(index), offset(index));
    }
    return index;
  }

  private ChangeLog log() {
    ChangeLog log = logs.peekLast();
    if (log == null) {
      throw new IllegalStateException("no mark");
    }
    return log;
  }

  private int create(long key) {
    int index = place(key);
    loggedAt[index] = logNumber;
    log().addCreated(index, key);
    return index;
  }

  /** Gives a pseudonym a record of zeros. */
  private int place(long key) {
    Integer reused = free.poll();
    int index = reused == null ? end++ : reused;
    if (index >= keyOf.length) {
      keyOf = Arrays.copyOf(keyOf, Math.max(FIRST_PLACES, 2 * keyOf.length));
      loggedAt = Arrays.copyOf(loggedAt, keyOf.length);
    }
    if (index >>> chunkBits == chunks.size()) {
      chunks.add(new long[recordWords << chunkBits]);
    }
    Arrays.fill(words(index), offset(index), offset(index) + recordWords, 0);
    keyOf[index] = key;
    size++;
    if (sweep != null) {
      sweep.leave(index);
    }
    if (8L * size > 3L * places.length) {
      grow();
    }
    enter(key, index);
    return index;
  }

  private void enter(long key, int index) {
    int place = home(key);
    while (places[place + 1] != 0) {
      place = next(place);
    }
    places[place] = key;
    places[place + 1] = index + 1L;
  }

  private void grow() {
    long[] old = places;
    places = new long[2 * old.length];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i + 1] != 0) {
        enter(old[i], (int) old[i + 1] - 1);
      }
    }
  }

  /** Pseudonyms are pseudo-random already; those of tests needn't be. */
  private int home(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & places.length - 2;
  }

  private int next(int place) {
    return place + 2 & places.length - 2;
  }

  private int index(int place) {
    return (int) places[place + 1] - 1;
  }

  /**
   * Removes every record whose first word satisfies a condition; it can be undone like any change.
   */
  void removeIf(LongPredicate firstWord) {
    for (int index = 0; index < end; index++) {
      if (find(keyOf[index]) == index && firstWord.test(words(index)[offset(index)])) {
        sweepBefore(index);
        log().add(Kind.REMOVED, index, keyOf[index], words(index), offset(index));
        remove(index);
      }
    }
  }

  private void remove(int index) {
    int gap = home(keyOf[index]);
    while (index(gap) != index) {
      gap = next(gap);
    }
    size--;
    free.push(index);
    for (int place = next(gap); places[place + 1] != 0; place = next(place)) {
      int distance = place - home(places[place]) & places.length - 1;
      if (distance >= (place - gap & places.length - 1)) {
        places[gap] = places[place];
        places[gap + 1] = places[place + 1];
        gap = place;
      }
    }
    places[gap + 1] = 0;
  }

  /** Begins to write all records as they are now, see {@link #sweepOn}. */
  void sweep(int section, Consumer<long[]> pages) {
    sweep = new TableSweep(new PageWriter(head(section), pages), recordWords, end);
  }

  /** A table of other records doesn't take a page. */
  private long head(int section) {
    return (long) recordWords << Integer.SIZE | section;
  }

  private void sweepBefore(int index) {
    if (sweep != null) {
      sweep.write(index, keyOf[index], words(index), offset(index));
    }
  }

  /** Writes so many records at most; returns how many were left, -1 if not all are written. */
  int sweepOn(int records) {
    TableSweep of = sweep;
    if (of == null) {
      throw new IllegalStateException("no sweep");
    }
    for (int left = records; left > 0; left--) {
      int index = of.next();
      if (index == NONE) {
        of.end();
        sweep = null;
        return left;
      }
      if (find(keyOf[index]) == index) {
        sweepBefore(index);
      }
    }
    return NONE;
  }

  void endSweep() {
    sweep = null;
  }

  /**
   * Adds the records of a page that a sweep has written.
   *
   * @throws IllegalArgumentException there is no room, one is there, or records are others
   */
  void load(long[] page) {
    if (page[0] != head((int) page[0])) {
      throw new IllegalArgumentException("a page of other records");
    }
    int at = 1;
    while (at < page.length) {
      long key = page[at++];
      if (size >= recordsMax || find(key) != NONE) {
        throw new IllegalArgumentException("a page of another table");
      }
      int index = place(key);
      long[] words = words(index);
      for (int from = 0; from < recordWords; from += Long.SIZE) {
        for (long bits = page[at++]; bits != 0; bits &= bits - 1) {
          words[offset(index) + from + Long.numberOfTrailingZeros(bits)] = page[at++];
        }
      }
    }
  }

  /** Begins a log of changes. */
  void mark() {
    logs.addLast(new ChangeLog(pages));
    logNumber++;
  }

  /** Forgets the oldest log. */
  void commit() {
    logs.removeFirst().release();
  }

  /** Undoes the newest log. */
  void rollback() {
    ChangeLog log = logs.removeLast();
    while (log.hasPrevious()) {
      log.previous();
      int index = log.index();
      switch (log.kind()) {
        case CHANGED -> log.copyTo(words(index), offset(index));
        case CREATED -> remove(index);
        case REMOVED -> {
          // What was freed last is used first, so undoing backwards finds the same place.
          if (place(log.key()) != index) {
            throw new IllegalStateException("undone out of order");
          }
          log.copyTo(words(index), offset(index));
        }
      }
    }
    log.release();
    logNumber++;
  }
}
