package org.concordat.rules.link;

import java.util.Arrays;
import org.concordat.rules.link.LinkSpec.Track;

/**
 * One track of one entity: up to eight panes of event time, the newest one and those before it. A
 * record in an older pane is late. Where each number lies, and how it changes, within a record of
 * words.
 *
 * <p>Words: newest pane and minutes of the first and latest record (2); for each pane a count, its
 * banks (2, if wanted) and the components of its sums; then the counterparties, each with the panes
 * in which it occurs.
 */
final class PaneRing {
  static final int BANKS_MAX = 128;

  /** Of a ring that is empty. */
  static final int NO_PANE = Integer.MIN_VALUE;

  private static final int PANES = LinkSpec.PANES;
  private static final int HEAD_WORDS = 2;
  static final int BANK_WORDS = BANKS_MAX / Long.SIZE;

  private final Track track;
  private final int paneMinutes;

  /** That a record sees: its own and those before it. */
  private final int panes;

  private final boolean banks;
  private final int[] values;
  private final int components;
  private final int start;
  private final int paneWords;
  private final int counterparties;

  /**
   * @param values indexes of those whose sums are kept
   * @param start of its words in the record
   */
  PaneRing(Track track, boolean banks, int[] values, int components, int start) {
    this.track = track;
    this.paneMinutes = track.paneMinutes();
    this.panes = track.panes();
    this.banks = banks;
    this.values = values;
    this.components = components;
    this.start = start;
    this.paneWords = 1 + (banks ? BANK_WORDS : 0) + values.length * components;
    this.counterparties =
        track.counterparty() < 0 ? 0 : Math.min(track.eventsMax(), LinkSpec.COUNTERPARTIES_MAX);
  }

  int words() {
    return HEAD_WORDS + PANES * paneWords + 2 * counterparties;
  }

  private int pane(int minute) {
    return Math.floorDiv(minute, paneMinutes);
  }

  private static int slot(int pane) {
    return Math.floorMod(pane, PANES);
  }

  private int paneAt(int base, int slot) {
    return base + start + HEAD_WORDS + slot * paneWords;
  }

  private int counterpartyAt(int base, int index) {
    return base + start + HEAD_WORDS + PANES * paneWords + 2 * index;
  }

  private boolean isEmpty(long[] words, int base) {
    return words[base + start + 1] == 0;
  }

  /** The newest pane; only where the ring isn't empty. */
  private int newest(long[] words, int base) {
    return (int) words[base + start];
  }

  int newestPane(long[] words, int base) {
    return isEmpty(words, base) ? NO_PANE : newest(words, base);
  }

  /** Of the first record there was; -1 for none. */
  int firstMinute(long[] words, int base) {
    return (int) (words[base + start + 1] >>> Integer.SIZE) - 1;
  }

  /** Of the latest record; -1 for none. */
  int latestMinute(long[] words, int base) {
    return (int) words[base + start + 1] - 1;
  }

  /** Records in a pane; 0 in those that the window doesn't have. */
  long countIn(long[] words, int base, int pane) {
    return has(words, base, pane) ? words[paneAt(base, slot(pane))] : 0;
  }

  /** One component of a value's sum in a pane. */
  long sumIn(long[] words, int base, int pane, int value, int component) {
    return has(words, base, pane)
        ? words[paneAt(base, slot(pane)) + withinPane(value, component)]
        : 0;
  }

  /** 64 of the banks that submitted records of a pane. */
  long banksIn(long[] words, int base, int pane, int word) {
    return has(words, base, pane) ? words[paneAt(base, slot(pane)) + 1 + word] : 0;
  }

  private boolean has(long[] words, int base, int pane) {
    return !isEmpty(words, base)
        && pane <= newest(words, base)
        && pane > newest(words, base) - panes;
  }

  private int withinPane(int value, int component) {
    return 1
        + (banks ? BANK_WORDS : 0)
        + Arrays.binarySearch(values, value) * components
        + component;
  }

  private static long pack(int high, int low) {
    return ((long) high << Integer.SIZE) | (low & 0xFFFF_FFFFL);
  }

  /** How adding a record ended. */
  enum Added {
    YES,
    LATE,
    FULL
  }

  /**
   * Adds a record.
   *
   * @param rows whose record {@code row} it is
   */
  Added add(long[] words, int base, LinkRows rows, int row) {
    int minute = rows.minute(row);
    int pane = pane(minute);
    if (isEmpty(words, base)) {
      words[base + start] = pane;
      // Plus one: zero says empty, and minutes may be zero.
      words[base + start + 1] = pack(minute + 1, minute + 1);
    } else {
      int newest = newest(words, base);
      if (pane <= newest - panes) {
        return Added.LATE;
      }
      for (int p = Math.max(newest + 1, pane - PANES + 1); p <= pane; p++) {
        clear(words, base, slot(p));
      }
      words[base + start] = Math.max(newest, pane);
      long seen = words[base + start + 1];
      int first = Math.min((int) (seen >>> Integer.SIZE), minute + 1);
      words[base + start + 1] = pack(first, Math.max((int) seen, minute + 1));
    }
    if (count(words, base, newest(words, base)) >= track.eventsMax()) {
      return Added.FULL;
    }
    int at = paneAt(base, slot(pane));
    words[at]++;
    at++;
    if (banks) {
      int bank = rows.bank(row);
      words[at + bank / Long.SIZE] |= 1L << bank;
      at += BANK_WORDS;
    }
    for (int value : values) {
      for (int component = 0; component < components; component++) {
        words[at++] += rows.value(component, value, row);
      }
    }
    if (counterparties > 0) {
      addCounterparty(words, base, rows.pseudonym(track.counterparty(), row), slot(pane));
    }
    return Added.YES;
  }

  private void clear(long[] words, int base, int slot) {
    int at = paneAt(base, slot);
    Arrays.fill(words, at, at + paneWords, 0);
    for (int i = 0; i < counterparties; i++) {
      words[counterpartyAt(base, i) + 1] &= ~(1L << slot);
    }
  }

  /** Found again, or in the first free place; without one it isn't told apart. */
  private void addCounterparty(long[] words, int base, long pseudonym, int slot) {
    int free = -1;
    for (int i = 0; i < counterparties; i++) {
      int at = counterpartyAt(base, i);
      if (words[at + 1] == 0) {
        free = free < 0 ? at : free;
      } else if (words[at] == pseudonym) {
        words[at + 1] |= 1L << slot;
        return;
      }
    }
    if (free >= 0) {
      words[free] = pseudonym;
      words[free + 1] = 1L << slot;
    }
  }

  /** Whether a record at a minute sees one that was added at another. */
  boolean sees(long[] words, int base, int minute, int added) {
    int pane = pane(added);
    int last = pane(minute);
    return pane <= last && pane > Math.max(newest(words, base), last) - panes;
  }

  /** Bits of the slots that a record at a minute sees. */
  private int seenSlots(long[] words, int base, int minute) {
    return isEmpty(words, base) ? 0 : slotsUpTo(newest(words, base), pane(minute));
  }

  /** Slots of the panes that the window has both back from {@code last} and from the newest one. */
  private int slotsUpTo(int newest, int last) {
    int slots = 0;
    for (int p = Math.max(newest, last) - panes + 1; p <= Math.min(newest, last); p++) {
      slots |= 1 << slot(p);
    }
    return slots;
  }

  private long count(long[] words, int base, int lastPane) {
    int slots = slotsUpTo(newest(words, base), lastPane);
    long count = 0;
    for (int slot = 0; slot < PANES; slot++) {
      if ((slots >>> slot & 1) == 1) {
        count += words[paneAt(base, slot)];
      }
    }
    return count;
  }

  long count(long[] words, int base, LinkRows rows, int row) {
    return isEmpty(words, base) ? 0 : count(words, base, pane(rows.minute(row)));
  }

  /** One component of a value's sum. */
  long sum(long[] words, int base, int minute, int value, int component) {
    int slots = seenSlots(words, base, minute);
    int within = withinPane(value, component);
    long sum = 0;
    for (int slot = 0; slot < PANES; slot++) {
      if ((slots >>> slot & 1) == 1) {
        sum += words[paneAt(base, slot) + within];
      }
    }
    return sum;
  }

  long banks(long[] words, int base, int minute) {
    int slots = seenSlots(words, base, minute);
    long count = 0;
    for (int word = 0; word < BANK_WORDS; word++) {
      count += Long.bitCount(banksOf(words, base, slots, word));
    }
    return count;
  }

  /** 64 of the banks that a record at a minute sees. */
  long seenBanks(long[] words, int base, int minute, int word) {
    return banksOf(words, base, seenSlots(words, base, minute), word);
  }

  private long banksOf(long[] words, int base, int slots, int word) {
    long seen = 0;
    for (int slot = 0; slot < PANES; slot++) {
      if ((slots >>> slot & 1) == 1) {
        seen |= words[paneAt(base, slot) + 1 + word];
      }
    }
    return seen;
  }

  long counterparties(long[] words, int base, int minute) {
    long slots = seenSlots(words, base, minute);
    long count = 0;
    for (int i = 0; i < counterparties; i++) {
      count += (words[counterpartyAt(base, i) + 1] & slots) == 0 ? 0 : 1;
    }
    return count;
  }

  /** See {@link LinkSpec.Kind#SINCE_FIRST}. */
  long sinceFirst(long[] words, int base, int minute) {
    int first = (int) (words[base + start + 1] >>> Integer.SIZE);
    return first == 0 ? 0 : Math.clamp((long) minute + 1 - first, 0, track.windowMinutes());
  }

  /** See {@link LinkSpec.Kind#SINCE_LAST}. */
  long sinceLast(long[] words, int base, int minute) {
    int latest = (int) words[base + start + 1];
    return latest == 0
        ? track.windowMinutes()
        : Math.clamp((long) minute + 1 - latest, 0, track.windowMinutes());
  }
}
