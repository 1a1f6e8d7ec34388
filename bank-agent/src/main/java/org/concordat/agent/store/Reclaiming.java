package org.concordat.agent.store;

import java.util.function.LongSupplier;

/**
 * Decides when what was removed is to leave the disk. RocksDB does that by itself as more is
 * written; near the disk's bound that isn't enough, and at the bound, where nothing more is read,
 * it would never come to it. All tables may have to be read and written for it, so it rests between
 * two times, {@link #RESTS} times as long as the first one took.
 */
final class Reclaiming {
  /** From so much of the bound on: before anybody is called, at 80 %. */
  static final double SHARE = 0.75;

  /** So it takes a twentieth of the time at most. */
  static final int RESTS = 20;

  private final LongSupplier bytes;
  private final Runnable compaction;
  private final double fromBytes;
  private final LongSupplier nanoClock;
  private long endedNanos;
  private long restNanos;

  /**
   * @param bytes on the disk
   * @param bytesMax the bound
   */
  Reclaiming(LongSupplier bytes, Runnable compaction, long bytesMax, LongSupplier nanoClock) {
    this.bytes = bytes;
    this.compaction = compaction;
    this.fromBytes = SHARE * bytesMax;
    this.nanoClock = nanoClock;
    this.endedNanos = nanoClock.getAsLong();
  }

  /** Compacts if it is time to; called by one thread, as often as it likes. */
  void round() {
    long beganNanos = nanoClock.getAsLong();
    if (bytes.getAsLong() < fromBytes || beganNanos - endedNanos < restNanos) {
      return;
    }
    compaction.run();
    endedNanos = nanoClock.getAsLong();
    restNanos = RESTS * (endedNanos - beganNanos);
  }
}
