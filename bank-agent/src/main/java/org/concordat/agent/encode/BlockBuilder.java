package org.concordat.agent.encode;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Tally;
import org.concordat.schemas.record.RecordKind;
import org.jspecify.annotations.Nullable;

/**
 * Collects rows into blocks between the threads that read and the one that seals.
 *
 * <p>A block is closed when it is full, or when it is older than the linger time and its
 * partition's previous block is acknowledged: at low load a row waits for nobody, at high load
 * blocks fill up by themselves. Where somebody waits for an acknowledgement, age alone closes it.
 * Blocks take the partitions in turn.
 */
public final class BlockBuilder {
  /** So many closed blocks wait for sealing at most; then reading waits. */
  static final int CLOSED_MAX = 8;

  /** So many refusals and duplicates close a unit that has no row. */
  static final int EVENTS_MAX = 1024;

  /** A block whose rows somebody waits for is closed at this age, acknowledged brokers or not. */
  static final long AWAITED_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  /** How long an acknowledgement may be overlooked. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final int partitions;
  private final int rowsMax;
  private final long lingerNanos;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition taken = lock.newCondition();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Unit> closed = new ArrayDeque<>();

  /** Blocks of each partition that are closed and not yet durable. */
  private final int[] unspooled;

  private Unit open;
  private int openEvents;
  private boolean ended;

  /**
   * @param rowsMax rows of a block
   */
  public BlockBuilder(int partitions, int rowsMax, long lingerNanos, LongSupplier nanoClock) {
    this.partitions = partitions;
    this.rowsMax = rowsMax;
    this.lingerNanos = lingerNanos;
    this.nanoClock = nanoClock;
    this.unspooled = new int[partitions];
    this.open = new Unit(0, nanoClock.getAsLong());
  }

  /** Adds an accepted row; waits while too many blocks are closed. */
  void accept(JournalRow row, Attached attached) throws InterruptedException {
    accept(row, RecordKind.LIVE, null, attached);
  }

  /**
   * Adds an accepted row; waits while too many blocks are closed.
   *
   * @param kind a block holds one kind of rows alone
   * @param history what the row changed of what is remembered
   */
  void accept(
      JournalRow row, RecordKind kind, KeptHistory.@Nullable Change history, Attached attached)
      throws InterruptedException {
    add(
        unit -> {
          unit.kind = kind;
          unit.rows.add(row);
          if (history != null) {
            unit.histories.add(history);
          }
          if (kind == RecordKind.HISTORY) {
            unit.count(Tally.HISTORY, 1);
          }
        },
        kind,
        Tally.of(Tally.Outcome.ACCEPTED),
        attached);
  }

  void refuse(DeadLetter letter, Attached attached) throws InterruptedException {
    var tally = new Tally(Tally.Outcome.REFUSED, letter.code().label());
    add(unit -> unit.letters.add(letter), null, tally, attached);
  }

  void duplicate(Attached attached) throws InterruptedException {
    add(unit -> {}, null, Tally.of(Tally.Outcome.DUPLICATE), attached);
  }

  /** Adds what is neither a row nor a refusal and isn't counted as one. */
  void keep(Bookmark kept, Attached attached) throws InterruptedException {
    add(unit -> unit.bookmarks.put(kept.name(), kept), null, null, attached);
  }

  private void add(
      Consumer<Unit> addition, @Nullable RecordKind kind, @Nullable Tally tally, Attached attached)
      throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (closed.size() >= CLOSED_MAX) {
        taken.await();
      }
      if (kind != null && !open.rows.isEmpty() && open.kind != kind) {
        close();
      }
      if (openEvents == 0) {
        open = new Unit(open.partition, nanoClock.getAsLong());
        changed.signal();
      }
      openEvents++;
      addition.accept(open);
      if (tally != null) {
        open.count(tally, 1);
      }
      attached.addTo(open);
      if (open.rows.size() >= rowsMax || openEvents >= Math.max(rowsMax, EVENTS_MAX)) {
        close();
      }
    } finally {
      lock.unlock();
    }
  }

  private void close() {
    closed.add(open);
    if (open.rows.isEmpty()) {
      open = new Unit(open.partition, nanoClock.getAsLong());
    } else {
      unspooled[open.partition]++;
      open = new Unit((open.partition + 1) % partitions, nanoClock.getAsLong());
    }
    openEvents = 0;
    changed.signal();
  }

  /** No row will follow: closes what is open. */
  public void end() {
    lock.lock();
    try {
      if (openEvents > 0) {
        close();
      }
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes every closed unit, waiting for the first; none at the end, or after a while.
   *
   * @param idle whether all that was spooled for a partition is acknowledged
   */
  List<Unit> take(IntPredicate idle, long waitNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long rest = waitNanos;
      closeIfDue(idle);
      while (closed.isEmpty() && !ended && rest > 0) {
        long nanos = Math.min(rest, openEvents == 0 ? rest : nanosUntilDue());
        rest -= nanos - Math.max(0, changed.awaitNanos(nanos));
        closeIfDue(idle);
      }
      List<Unit> units = new ArrayList<>(closed);
      closed.clear();
      taken.signalAll();
      return units;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Until the open block is old enough to be closed, or the acknowledgement is to be looked for.
   */
  private long nanosUntilDue() {
    return Math.max(LOOK_NANOS, open.begunNanos + lingerNanos - nanoClock.getAsLong());
  }

  private void closeIfDue(IntPredicate idle) {
    long ageNanos = nanoClock.getAsLong() - open.begunNanos;
    if (openEvents == 0 || ageNanos < lingerNanos) {
      return;
    }
    // Who waits for an acknowledgement waits for the disk, not for brokers.
    boolean awaited = ageNanos >= AWAITED_NANOS && !open.acknowledgements.isEmpty();
    if (awaited
        || open.rows.isEmpty()
        || (unspooled[open.partition] == 0 && idle.test(open.partition))) {
      close();
    }
  }

  /** Units that were taken are durable. */
  void spooled(List<Unit> units) {
    lock.lock();
    try {
      for (Unit unit : units) {
        if (!unit.rows.isEmpty()) {
          unspooled[unit.partition]--;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing will come any more. */
  boolean drained() {
    lock.lock();
    try {
      return ended && closed.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}
