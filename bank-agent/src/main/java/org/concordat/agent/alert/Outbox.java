package org.concordat.agent.alert;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;

/**
 * Alerts that not every sink has taken, durable and encrypted, and how far each sink is. One sink
 * that takes nothing holds up no other, until the outbox is full. Safe for use by several threads.
 */
final class Outbox {
  /** Alerts that wait; beyond it no more are taken from the brokers, who keep them. */
  static final int ALERTS_MAX = 100_000;

  /** An alert and its place. Prints its place only. */
  static final class Entry {
    final long number;
    final Alert alert;

    Entry(long number, Alert alert) {
      this.number = number;
      this.alert = alert;
    }

    @Override
    public String toString() {
      return "Entry[" + number + "]";
    }
  }

  private final DeskStore store;
  private final int alertsMax;

  /** For each sink the first number that it hasn't taken. */
  private final Map<String, Long> marks = new HashMap<>();

  private long next;
  private boolean stopping;

  /**
   * @param sinks by name; one that is new gets what comes from now on
   */
  Outbox(DeskStore store, List<String> sinks, int alertsMax) {
    this.store = store;
    this.alertsMax = alertsMax;
    var known = new HashMap<String, Long>();
    store.forEach(
        DeskTable.MARK,
        new byte[0],
        (key, plain) -> {
          known.put(new String(key, StandardCharsets.UTF_8), DeskStore.number(plain));
          return true;
        });
    next = store.lastNumber(DeskTable.OUTBOX) + 1;
    known.values().forEach(mark -> next = Math.max(next, mark));
    var change = new DeskChange();
    for (String sink : sinks) {
      long mark = known.getOrDefault(sink, next);
      marks.put(sink, mark);
      putMark(change, sink, mark);
    }
    // What a sink that is configured no more hasn't taken is waited for no more.
    known.keySet().removeAll(sinks);
    known.keySet().forEach(sink -> change.remove(DeskTable.MARK, name(sink)));
    store.commit(change);
    long least = least();
    var old = new DeskChange();
    store.forEach(
        DeskTable.OUTBOX,
        new byte[0],
        (key, plain) -> {
          if (DeskStore.number(key) < least) {
            old.remove(DeskTable.OUTBOX, key);
            return true;
          }
          return false;
        });
    store.commit(old);
  }

  private static byte[] name(String sink) {
    return sink.getBytes(StandardCharsets.UTF_8);
  }

  private static void putMark(DeskChange change, String sink, long mark) {
    change.put(DeskTable.MARK, name(sink), DeskStore.numberKey(mark));
  }

  private long least() {
    return marks.values().stream().mapToLong(Long::longValue).min().orElse(next);
  }

  /**
   * Sees that so many more can be added.
   *
   * @throws IOException they can't: to be tried again
   */
  synchronized void requireRoom(int alerts) throws IOException {
    // Any number into an empty one: a poll may bring more than the limit.
    if (next > least() && next - least() + alerts > alertsMax) {
      throw new IOException("A sink has taken nothing for so long that the outbox is full.");
    }
  }

  /** Adds alerts to a change; {@link #committed} follows, unless it wasn't made. */
  synchronized void add(DeskChange change, List<Alert> alerts) {
    if (marks.isEmpty()) {
      return;
    }
    long number = next;
    for (Alert alert : alerts) {
      change.put(DeskTable.OUTBOX, DeskStore.numberKey(number++), RecordCodec.encode(alert));
    }
  }

  /** The change with so many alerts is durable. */
  synchronized void committed(int alerts) {
    if (!marks.isEmpty()) {
      next += alerts;
      notifyAll();
    }
  }

  synchronized long waiting(String sink) {
    return next - marks.getOrDefault(sink, next);
  }

  /** Waits until there is something for a sink; false once it is to stop and there is nothing. */
  synchronized boolean await(String sink) throws InterruptedException {
    while (waiting(sink) == 0 && !stopping) {
      wait();
    }
    return waiting(sink) > 0;
  }

  /** Waits for a while, or until it is to stop. */
  synchronized void pause(long millis) throws InterruptedException {
    if (!stopping) {
      wait(millis);
    }
  }

  synchronized boolean isStopping() {
    return stopping;
  }

  synchronized void stop() {
    stopping = true;
    notifyAll();
  }

  /** The next ones that a sink hasn't taken. */
  List<Entry> next(String sink, int limit) {
    long from;
    long to;
    synchronized (this) {
      from = marks.getOrDefault(sink, next);
      to = Math.min(next, from + limit);
    }
    List<Entry> entries = new ArrayList<>();
    store.forEach(
        DeskTable.OUTBOX,
        DeskStore.numberKey(from),
        (key, plain) -> {
          if (DeskStore.number(key) >= to) {
            return false;
          }
          entries.add(new Entry(DeskStore.number(key), decode(plain)));
          return true;
        });
    return entries;
  }

  private static Alert decode(byte[] plain) {
    try {
      return RecordCodec.decode(Alert.class, plain);
    } catch (MalformedRecordException e) {
      throw new IllegalStateException("The outbox is damaged.", e);
    }
  }

  /**
   * A sink has taken all before a number: durable on return, and what all have taken goes.
   *
   * @param change written with it
   */
  synchronized void taken(String sink, long number, DeskChange change) {
    long before = least();
    marks.put(sink, number);
    putMark(change, sink, number);
    for (long gone = before; gone < least(); gone++) {
      change.remove(DeskTable.OUTBOX, DeskStore.numberKey(gone));
    }
    store.commit(change);
  }
}
