package org.concordat.agent.store;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Decides when what was removed is to leave the disk. RocksDB does that by itself as more is
 * written; near the disk's bound that isn't enough, and at the bound, where nothing more is read,
 * it would never come to it. All tables may have to be read and written for it, so it rests between
 * two times. A store that is healthy may stand between {@link #SHARE} and {@link
 * StoreLimits#READY_SHARE} of its bound for good: there it rests {@link #RESTS} times as long as
 * the last time took, and {@link #REST_NANOS} at least. Beyond, where reading is held back, it
 * rests as many times as long, and {@link #REST_NANOS} at most.
 */
final class Reclaiming {
  /** From so much of the bound on: before anybody is called, at 80 %. */
  static final double SHARE = 0.75;

  /** So it takes a twentieth of the time at most, as long as reading isn't held back. */
  static final int RESTS = 20;

  static final long REST_NANOS = TimeUnit.HOURS.toNanos(1);

  private final LongSupplier bytes;
  private final Runnable compaction;
  private final double fromBytes;
  private final double heldBytes;
  private final LongSupplier nanoClock;
  private boolean compacted;
  private long endedNanos;
  private long tookNanos;

  /**
   * @param bytes on the disk
   * @param bytesMax the bound
   */
  Reclaiming(LongSupplier bytes, Runnable compaction, long bytesMax, LongSupplier nanoClock) {
    this.bytes = bytes;
    this.compaction = compaction;
    this.fromBytes = SHARE * bytesMax;
    this.heldBytes = StoreLimits.READY_SHARE * bytesMax;
    this.nanoClock = nanoClock;
  }

  /** Compacts if it is time to; called by one thread, as often as it likes. */
  void round() {
    long diskBytes = bytes.getAsLong();
    long beganNanos = nanoClock.getAsLong();
    if (diskBytes < fromBytes || (compacted && beganNanos - endedNanos < restNanos(diskBytes))) {
      return;
    }
    compaction.run();
    compacted = true;
    endedNanos = nanoClock.getAsLong();
    tookNanos = endedNanos - beganNanos;
  }

  private long restNanos(long diskBytes) {
    long rests = RESTS * tookNanos;
    return diskBytes < heldBytes ? Math.max(REST_NANOS, rests) : Math.min(REST_NANOS, rests);
  }
}
