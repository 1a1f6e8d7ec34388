package org.concordat.rules.history;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.concordat.rules.feature.HistoryWindow;

/**
 * Counts and sums by pane of one account and window: at most {@link HistoryWindow#panes} panes, the
 * newest and those that a payment in it can see.
 */
final class Panes {
  private final HistoryWindow window;
  private final int amounts;
  private int size;
  private int[] pane = new int[2];
  private int[] count = new int[2];
  private long[] sums;

  Panes(HistoryWindow window, int amounts) {
    this.window = window;
    this.amounts = amounts;
    this.sums = new long[2 * amounts];
  }

  /** Adds a payment; what is older than the newest payment's window is nobody's to see. */
  void add(long eventMillis, long[] values) {
    int at = window.pane(eventMillis);
    if (size > 0 && at <= pane[size - 1] - window.panes()) {
      return;
    }
    int place = size;
    while (place > 0 && pane[place - 1] > at) {
      place--;
    }
    if (place > 0 && pane[place - 1] == at) {
      place--;
    } else {
      insert(place, at);
      place -= drop();
    }
    count[place] = saturated(count[place] + 1L);
    for (int i = 0; i < amounts; i++) {
      sums[place * amounts + i] = plus(sums[place * amounts + i], values[i]);
    }
  }

  private void insert(int place, int at) {
    if (size == pane.length) {
      int capacity = Math.min(2 * size, window.panes() + 1);
      pane = Arrays.copyOf(pane, capacity);
      count = Arrays.copyOf(count, capacity);
      sums = Arrays.copyOf(sums, capacity * amounts);
    }
    move(place, place + 1, size - place);
    size++;
    pane[place] = at;
    count[place] = 0;
    Arrays.fill(sums, place * amounts, (place + 1) * amounts, 0);
  }

  /** Forgets what the newest payment can't see, and says how many panes that were. */
  private int drop() {
    int gone = 0;
    while (pane[gone] <= pane[size - 1] - window.panes()) {
      gone++;
    }
    if (gone > 0) {
      move(gone, 0, size - gone);
      size -= gone;
    }
    return gone;
  }

  private void move(int from, int to, int panes) {
    System.arraycopy(pane, from, pane, to, panes);
    System.arraycopy(count, from, count, to, panes);
    System.arraycopy(sums, from * amounts, sums, to * amounts, panes * amounts);
  }

  /** Payments in the window of a payment at this time. */
  long count(long eventMillis) {
    int last = window.pane(eventMillis);
    long total = 0;
    for (int i = 0; i < size; i++) {
      if (pane[i] <= last && pane[i] > last - window.panes()) {
        total += count[i];
      }
    }
    return total;
  }

  long sum(long eventMillis, int amount) {
    int last = window.pane(eventMillis);
    long total = 0;
    for (int i = 0; i < size; i++) {
      if (pane[i] <= last && pane[i] > last - window.panes()) {
        total = plus(total, sums[i * amounts + amount]);
      }
    }
    return total;
  }

  /** Of two numbers that aren't negative; the largest there is where it would be larger. */
  private static long plus(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  private static int saturated(long count) {
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  int bytesMax() {
    return 5 + size * (10 + 10 * amounts);
  }

  void encode(ByteBuffer out) {
    Varint.put(out, size);
    int before = 0;
    for (int i = 0; i < size; i++) {
      Varint.put(out, pane[i] - before);
      before = pane[i];
      Varint.put(out, count[i]);
      for (int a = 0; a < amounts; a++) {
        Varint.put(out, sums[i * amounts + a]);
      }
    }
  }

  void decode(ByteBuffer in) {
    size = (int) Varint.get(in);
    int capacity = Math.max(2, size);
    pane = new int[capacity];
    count = new int[capacity];
    sums = new long[capacity * amounts];
    int before = 0;
    for (int i = 0; i < size; i++) {
      before += (int) Varint.get(in);
      pane[i] = before;
      count[i] = (int) Varint.get(in);
      for (int a = 0; a < amounts; a++) {
        sums[i * amounts + a] = Varint.get(in);
      }
    }
  }
}
