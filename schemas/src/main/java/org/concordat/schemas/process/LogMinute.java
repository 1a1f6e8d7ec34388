package org.concordat.schemas.process;

import java.time.Duration;

/**
 * Bounds what is logged within a minute of records that others write: they could fill the logs.
 * Those left out are counted. Belongs to one thread.
 */
public final class LogMinute {
  public static final int LINES_MAX = 20;

  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final long beginNanos;
  private int told;
  private long untold;

  /**
   * @param beginNanos as {@link System#nanoTime}
   */
  public LogMinute(long beginNanos) {
    this.beginNanos = beginNanos;
  }

  /** Whether there is a line left for a record; else it is counted. */
  public boolean mayTell() {
    if (told >= LINES_MAX) {
      untold++;
      return false;
    }
    told++;
    return true;
  }

  public boolean isOver(long nanos) {
    return nanos - beginNanos >= MINUTE_NANOS;
  }

  /** Records that there was no line for. */
  public long untold() {
    return untold;
  }
}
