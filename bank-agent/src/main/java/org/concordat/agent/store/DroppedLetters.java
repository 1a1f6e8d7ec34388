package org.concordat.agent.store;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the refused rows that went for want of room, before their age, and tells of them at most
 * once a minute. Used by one thread at a time.
 */
final class DroppedLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DroppedLetters.class);
  private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final long bytesMax;
  private final LongSupplier nanoClock;
  private long count;
  private long told;
  private long toldNanos;

  /**
   * @param bytesMax of all refused rows
   */
  DroppedLetters(long bytesMax, LongSupplier nanoClock) {
    this.bytesMax = bytesMax;
    this.nanoClock = nanoClock;
  }

  void add() {
    count++;
  }

  /** Tells of those that weren't told yet, unless there was a line within the last minute. */
  void tell() {
    if (count == told) {
      return;
    }
    long nanos = nanoClock.getAsLong();
    if (told > 0 && nanos - toldNanos < AGAIN_NANOS) {
      return;
    }
    LOG.atWarn()
        .addKeyValue("rows", count - told)
        .addKeyValue("bytesMax", bytesMax)
        .log("Refused rows were dropped before their age: there is no more room for them.");
    told = count;
    toldNanos = nanos;
  }

  long count() {
    return count;
  }
}
