package org.concordat.agent.ingest;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Lets rows through at a fixed rate, open loop: row i is due at start + i / rate, however late the
 * rows before it were. Its acceptance counts from when it was due, so that a slow consortium can't
 * hide its delay by slowing the input.
 */
public final class Pacer {
  private final int ratePerSecond;
  private final LongSupplier millisClock;
  private final BooleanSupplier stopping;
  private final long startNanos = System.nanoTime();
  private final long startMillis;
  private long rows;

  /**
   * @param ratePerSecond 0 for no limit
   */
  public Pacer(int ratePerSecond, LongSupplier millisClock, BooleanSupplier stopping) {
    this.ratePerSecond = ratePerSecond;
    this.millisClock = millisClock;
    this.startMillis = millisClock.getAsLong();
    this.stopping = stopping;
  }

  /** Waits until the next row is due, and returns when that was or is. */
  public long awaitMillis() {
    if (ratePerSecond == 0) {
      return millisClock.getAsLong();
    }
    long dueNanos = rows++ * 1_000_000_000L / ratePerSecond;
    long waitNanos = startNanos + dueNanos - System.nanoTime();
    while (waitNanos > 0 && !stopping.getAsBoolean()) {
      LockSupport.parkNanos(Math.min(waitNanos, TimeUnit.MILLISECONDS.toNanos(100)));
      waitNanos = startNanos + dueNanos - System.nanoTime();
    }
    return startMillis + TimeUnit.NANOSECONDS.toMillis(dueNanos);
  }
}
