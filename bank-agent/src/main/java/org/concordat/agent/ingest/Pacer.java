package org.concordat.agent.ingest;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Lets rows through at a fixed rate, open loop: row i is due at start + i / rate, however late the
 * rows before it were. Its acceptance counts from when it was due, so that a slow consortium can't
 * hide its delay by slowing the input. Only where there was no row to let through does the schedule
 * begin anew: a row isn't due before it is there.
 */
public final class Pacer {
  private final int ratePerSecond;
  private final LongSupplier millisClock;
  private final LongSupplier nanoClock;
  private final BooleanSupplier stopping;
  private long startNanos;
  private long startMillis;
  private long rows;

  /**
   * @param ratePerSecond 0 for no limit
   */
  public Pacer(int ratePerSecond, LongSupplier millisClock, BooleanSupplier stopping) {
    this(ratePerSecond, millisClock, System::nanoTime, stopping);
  }

  /**
   * @param nanoClock monotonic; rows are waited for by it
   */
  Pacer(
      int ratePerSecond,
      LongSupplier millisClock,
      LongSupplier nanoClock,
      BooleanSupplier stopping) {
    this.ratePerSecond = ratePerSecond;
    this.millisClock = millisClock;
    this.nanoClock = nanoClock;
    this.stopping = stopping;
    this.startNanos = nanoClock.getAsLong();
    this.startMillis = millisClock.getAsLong();
  }

  /** The next row wasn't there until now: if it was due before, it is due now instead. */
  public void moveOn() {
    if (ratePerSecond > 0 && nanoClock.getAsLong() - startNanos > dueNanos()) {
      startNanos = nanoClock.getAsLong();
      startMillis = millisClock.getAsLong();
      rows = 0;
    }
  }

  /** Waits until the next row is due, and returns when that was or is. */
  public long awaitMillis() {
    if (ratePerSecond == 0) {
      return millisClock.getAsLong();
    }
    long dueNanos = dueNanos();
    rows++;
    long waitNanos = startNanos + dueNanos - nanoClock.getAsLong();
    while (waitNanos > 0 && !stopping.getAsBoolean()) {
      LockSupport.parkNanos(Math.min(waitNanos, TimeUnit.MILLISECONDS.toNanos(100)));
      waitNanos = startNanos + dueNanos - nanoClock.getAsLong();
    }
    return startMillis + TimeUnit.NANOSECONDS.toMillis(dueNanos);
  }

  /** Of the next row, after the start. */
  private long dueNanos() {
    return rows * 1_000_000_000L / ratePerSecond;
  }
}
