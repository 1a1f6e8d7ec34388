package org.concordat.rules.link;

import java.util.Arrays;
import java.util.Set;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Track;
import org.jspecify.annotations.Nullable;

/**
 * What is carried of one track of an entity, pane by pane of the window that ends with the newest
 * record of the epoch: so that each entity has the same panes, and none tells it from others. All
 * that is read of it is linear, with factors that are public.
 *
 * <p>Words: for each pane its count; for each value and pane its sum; whether the entity was known
 * before, then for each pane whether its first record lies there, and its minute or 0; the same of
 * the latest one. Each only where it is asked for. And bits: for each pane those banks whose latest
 * record lies there, so that none is in two panes, and the exclusive or of panes is their union.
 *
 * <p>For what is carried no record is earlier than the newest of the epoch before: a late one gets
 * what that one would.
 */
final class CarriedRing {
  private final Track track;
  private final int panes;
  private final int paneMinutes;
  private final int[] values;
  private final boolean hasBanks;
  private final int banks;
  private final int counts;
  private final int sums;
  private final int first;
  private final int last;
  private final int numbers;

  /**
   * @param kinds that are read
   * @param values indexes of those whose sums are
   * @param banks where its bits begin
   * @param start of its numbers
   */
  CarriedRing(Track track, Set<Kind> kinds, int[] values, int banks, int start) {
    this.hasBanks = kinds.contains(Kind.BANKS);
    this.banks = banks;
    this.track = track;
    this.panes = track.panes();
    this.paneMinutes = track.paneMinutes();
    this.values = values;
    this.counts = start;
    this.sums = counts + (kinds.contains(Kind.COUNT) ? panes : 0);
    this.first = sums + values.length * panes;
    this.last = first + (kinds.contains(Kind.SINCE_FIRST) ? 1 + 2 * panes : 0);
    this.numbers = last + (kinds.contains(Kind.SINCE_LAST) ? 2 * panes : 0) - start;
  }

  /** Words of bits, where banks are asked for. */
  static int bitWords(Track track) {
    return PaneRing.BANK_WORDS * track.panes();
  }

  int numbers() {
    return numbers;
  }

  private int pane(int minute) {
    return Math.floorDiv(minute, paneMinutes);
  }

  private int firstPane(int newestMinute) {
    return pane(newestMinute) - panes + 1;
  }

  void carry(
      PaneRing ring,
      long[] record,
      int base,
      @Nullable CarriedTable before,
      int at,
      CarriedRows to,
      int row) {
    if (numbers == 0 && !hasBanks) {
      return;
    }
    int firstPane = firstPane(to.newestMinute());
    if (hasBanks) {
      carryBanks(ring, record, base, firstPane, to, row);
    }
    int components = to.columns().length;
    for (int pane = 0; pane < panes && sums > counts; pane++) {
      to.addPublic(counts + pane, row, ring.countIn(record, base, firstPane + pane));
    }
    for (int i = 0; i < values.length; i++) {
      for (int pane = 0; pane < panes; pane++) {
        for (int c = 0; c < components; c++) {
          long sum = ring.sumIn(record, base, firstPane + pane, values[i], c);
          to.addShared(c, sums + i * panes + pane, row, sum);
        }
      }
    }
    if (last > first) {
      carryFirst(ring.firstMinute(record, base), firstPane, before, at, to, row);
    }
    int latest = ring.latestMinute(record, base);
    int pane = latest < 0 ? -1 : pane(latest) - firstPane;
    if (sizeOfLast() > 0 && pane >= 0) {
      to.addPublic(last + pane, row, 1);
      to.addPublic(last + panes + pane, row, latest);
    }
  }

  private int sizeOfLast() {
    return counts + numbers - last;
  }

  private void carryBanks(
      PaneRing ring, long[] record, int base, int firstPane, CarriedRows to, int row) {
    for (int word = 0; word < PaneRing.BANK_WORDS; word++) {
      long later = 0;
      for (int pane = panes - 1; pane >= 0; pane--) {
        long mask = ring.banksIn(record, base, firstPane + pane, word) & ~later;
        to.addBanks(banks + pane * PaneRing.BANK_WORDS + word, row, word * Long.SIZE, mask);
        later |= mask;
      }
    }
  }

  /** Who was known before keeps that; of the others the first record is this epoch's. */
  private void carryFirst(
      int minute, int firstPane, @Nullable CarriedTable before, int at, CarriedRows to, int row) {
    int pane = minute < 0 ? -1 : pane(minute) - firstPane;
    if (minute >= 0 && pane < 0) {
      // Known before or not: it was there by then.
      to.addPublic(first, row, 1);
      return;
    }
    if (pane >= 0) {
      to.addPublic(first + 1 + pane, row, 1);
      to.addPublic(first + 1 + panes + pane, row, minute);
    }
    if (before == null || at < 0) {
      return;
    }
    for (int c = 0; c < to.columns().length; c++) {
      long known = known(before, c, at);
      to.addShared(c, first, row, known);
      if (pane >= 0) {
        to.addShared(c, first + 1 + pane, row, -known);
        to.addShared(c, first + 1 + panes + pane, row, -known * minute);
      }
    }
  }

  /** One component of whether there was a record at all. */
  private long known(CarriedTable table, int component, int row) {
    long known = table.word(component, first, row);
    for (int pane = 0; pane < panes; pane++) {
      known += table.word(component, first + 1 + pane, row);
    }
    return known;
  }

  /**
   * One component of what is carried of a number.
   *
   * @param minute of the record that reads
   * @param newest pane of the entity's own epoch, or {@link PaneRing#NO_PANE}
   * @param open what the epoch's own records make of the number
   */
  long read(
      LinkSpec.Measure measure,
      CarriedTable table,
      int row,
      int component,
      int minute,
      int newest,
      long open) {
    int read = Math.max(minute, table.newestMinute());
    int firstPane = firstPane(table.newestMinute());
    int from = firstSeen(table, minute, newest);
    return switch (measure.kind()) {
      case COUNT -> sum(table, component, row, counts, from);
      case SUM -> {
        int value = Arrays.binarySearch(values, measure.value());
        yield sum(table, component, row, sums + value * panes, from);
      }
      case SINCE_FIRST ->
          sinceFirst(table, component, row, firstPane, read) - open * known(table, component, row);
      case SINCE_LAST ->
          newest == PaneRing.NO_PANE ? sinceLast(table, component, row, firstPane, read) : 0;
      case BANKS, COUNTERPARTIES, LATEST -> throw new IllegalArgumentException("not carried");
    };
  }

  /** One component of 64 of the banks; {@link #read} else. */
  long readBanks(CarriedTable table, int row, int component, int minute, int newest, int word) {
    long seen = 0;
    for (int pane = firstSeen(table, minute, newest); pane < panes; pane++) {
      seen ^= table.word(component, banks + pane * PaneRing.BANK_WORDS + word, row);
    }
    return seen;
  }

  /** The first of the carried panes that a record sees. */
  private int firstSeen(CarriedTable table, int minute, int newest) {
    int read = Math.max(minute, table.newestMinute());
    long oldest = Math.max(newest, pane(read)) - (long) panes + 1;
    return Math.clamp(oldest - firstPane(table.newestMinute()), 0, panes);
  }

  private long sum(CarriedTable table, int component, int row, int at, int from) {
    long sum = 0;
    for (int pane = from; pane < panes; pane++) {
      sum += table.word(component, at + pane, row);
    }
    return sum;
  }

  /** Whether all of a pane is within the window before a minute. */
  private boolean isWithin(int pane, int minute) {
    return (long) pane * paneMinutes >= (long) minute - track.windowMinutes();
  }

  /** The window's length where the pane of the first record isn't all within it. */
  private long sinceFirst(CarriedTable table, int component, int row, int firstPane, int minute) {
    long since = track.windowMinutes() * table.word(component, first, row);
    for (int pane = 0; pane < panes; pane++) {
      long has = table.word(component, first + 1 + pane, row);
      since +=
          isWithin(firstPane + pane, minute)
              ? has * minute - table.word(component, first + 1 + panes + pane, row)
              : has * track.windowMinutes();
    }
    return since;
  }

  /** What is less than the window's length, which is public. */
  private long sinceLast(CarriedTable table, int component, int row, int firstPane, int minute) {
    long less = 0;
    for (int pane = 0; pane < panes; pane++) {
      if (isWithin(firstPane + pane, minute)) {
        long has = table.word(component, last + pane, row);
        long latest = table.word(component, last + panes + pane, row);
        less += has * ((long) minute - track.windowMinutes()) - latest;
      }
    }
    return less;
  }
}
