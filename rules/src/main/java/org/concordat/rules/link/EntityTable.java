package org.concordat.rules.link;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Records of words by pseudonym, in chunks, with a log that undoes what was changed since a mark.
 * Open addressing with linear probing; removal moves later entries up, so that no marks of removed
 * ones are left.
 */
final class EntityTable {
  /** A key, a number and a mark, at a load of at most three quarters. */
  static final int OVERHEAD_BYTES = 24;

  private static final int NONE = -1;
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_RECORDS = 1 << CHUNK_BITS;
  private static final int FIRST_PLACES = 1 << 10;

  /** What the log can undo. */
  private static final int CHANGED = 0;

  private static final int CREATED = 1;
  private static final int REMOVED = 2;

  private final int recordWords;
  private final int recordsMax;
  private final List<long[]> chunks = new ArrayList<>();
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final ArrayDeque<Log> logs = new ArrayDeque<>();
  private long[] keys = new long[FIRST_PLACES];
  private int[] places = filled(FIRST_PLACES);
  private long[] keyOf = new long[0];
  private int[] loggedAt = new int[0];
  private int end;
  private int size;
  private int logNumber;

  /** Changes since a mark: kind and index, key, then the words as they were. */
  private static final class Log {
    private long[] words = new long[256];
    private int used;

    void add(int kind, int index, long key, long[] source, int offset, int count) {
      int needed = used + 3 + count;
      if (needed > words.length) {
        words = Arrays.copyOf(words, Math.max(needed, 2 * words.length));
      }
      System.arraycopy(source, offset, words, used, count);
      words[used + count] = key;
      words[used + count + 1] = index;
      words[used + count + 2] = kind;
      used = needed;
    }
  }

  EntityTable(int recordWords, int recordsMax) {
    this.recordWords = recordWords;
    this.recordsMax = recordsMax;
  }

  private static int[] filled(int places) {
    int[] filled = new int[places];
    Arrays.fill(filled, NONE);
    return filled;
  }

  int size() {
    return size;
  }

  /** Index of a pseudonym's record, or -1. */
  int find(long key) {
    int place = home(key);
    while (places[place] != NONE) {
      if (keys[place] == key) {
        return places[place];
      }
      place = place + 1 & places.length - 1;
    }
    return NONE;
  }

  /** All pseudonyms, in any order. */
  long[] keys() {
    long[] all = new long[size];
    int at = 0;
    for (int place = 0; place < places.length; place++) {
      if (places[place] != NONE) {
        all[at++] = keys[place];
      }
    }
    return all;
  }

  /** The chunk that holds a record; see {@link #offset}. */
  long[] words(int index) {
    return chunks.get(index >>> CHUNK_BITS);
  }

  /** Where a record begins in its chunk. */
  int offset(int index) {
    return (index & CHUNK_RECORDS - 1) * recordWords;
  }

  /** A record that may be changed, made of zeros if there was none; -1 where the table is full. */
  int change(long key) {
    int index = find(key);
    if (index == NONE) {
      return size < recordsMax ? create(key) : NONE;
    }
    if (loggedAt[index] != logNumber) {
      loggedAt[index] = logNumber;
      log().add(CHANGED, index, key, words(index), offset(index), recordWords);
    }
    return index;
  }

  private Log log() {
    Log log = logs.peekLast();
    if (log == null) {
      throw new IllegalStateException("no mark");
    }
    return log;
  }

  private int create(long key) {
    int index = place(key);
    loggedAt[index] = logNumber;
    log().add(CREATED, index, key, keyOf, 0, 0);
    return index;
  }

  /** Gives a pseudonym a record of zeros. */
  private int place(long key) {
    Integer reused = free.poll();
    int index = reused == null ? end++ : reused;
    if (index >= keyOf.length) {
      keyOf = Arrays.copyOf(keyOf, Math.max(CHUNK_RECORDS, 2 * keyOf.length));
      loggedAt = Arrays.copyOf(loggedAt, keyOf.length);
    }
    if (index >>> CHUNK_BITS == chunks.size()) {
      chunks.add(new long[CHUNK_RECORDS * recordWords]);
    }
    Arrays.fill(words(index), offset(index), offset(index) + recordWords, 0);
    keyOf[index] = key;
    size++;
    if (4L * size > 3L * places.length) {
      grow();
    }
    enter(key, index);
    return index;
  }

  private void enter(long key, int index) {
    int place = home(key);
    while (places[place] != NONE) {
      place = place + 1 & places.length - 1;
    }
    keys[place] = key;
    places[place] = index;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldPlaces = places;
    keys = new long[2 * oldKeys.length];
    places = filled(keys.length);
    for (int i = 0; i < oldPlaces.length; i++) {
      if (oldPlaces[i] != NONE) {
        enter(oldKeys[i], oldPlaces[i]);
      }
    }
  }

  /** Pseudonyms are pseudo-random already; those of tests needn't be. */
  private int home(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & places.length - 1;
  }

  /**
   * Removes every record whose first word satisfies a condition; it can be undone like any change.
   */
  void removeIf(LongPredicate firstWord) {
    for (int index = 0; index < end; index++) {
      if (find(keyOf[index]) == index && firstWord.test(words(index)[offset(index)])) {
        log().add(REMOVED, index, keyOf[index], words(index), offset(index), recordWords);
        remove(index);
      }
    }
  }

  private void remove(int index) {
    int place = home(keyOf[index]);
    while (places[place] != index) {
      place = place + 1 & places.length - 1;
    }
    size--;
    free.push(index);
    int gap = place;
    int next = gap + 1 & places.length - 1;
    while (places[next] != NONE) {
      int distanceOfNext = next - home(keys[next]) & places.length - 1;
      int distanceOfGap = next - gap & places.length - 1;
      if (distanceOfNext >= distanceOfGap) {
        keys[gap] = keys[next];
        places[gap] = places[next];
        gap = next;
      }
      next = next + 1 & places.length - 1;
    }
    places[gap] = NONE;
  }

  /** Begins a log of changes. */
  void mark() {
    logs.addLast(new Log());
    logNumber++;
  }

  /** Forgets the oldest log. */
  void commit() {
    logs.removeFirst();
  }

  /** Undoes the newest log. */
  void rollback() {
    Log log = logs.removeLast();
    int at = log.used;
    while (at > 0) {
      int kind = (int) log.words[at - 1];
      int index = (int) log.words[at - 2];
      long key = log.words[at - 3];
      int count = kind == CREATED ? 0 : recordWords;
      at -= 3 + count;
      switch (kind) {
        case CHANGED -> System.arraycopy(log.words, at, words(index), offset(index), count);
        case CREATED -> remove(index);
        default -> {
          // What was freed last is used first, so undoing backwards finds the same place.
          if (place(key) != index) {
            throw new IllegalStateException("undone out of order");
          }
          System.arraycopy(log.words, at, words(index), offset(index), count);
        }
      }
    }
    logNumber++;
  }
}
