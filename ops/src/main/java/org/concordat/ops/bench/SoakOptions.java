package org.concordat.ops.bench;

import java.nio.file.Path;
import java.util.Optional;
import org.concordat.ops.bench.SoakReport.Backlog;

/**
 * What a long run is asked for.
 *
 * @param ratePerSecond of rows over all banks
 * @param warmUpMinutes before the first sample counts
 * @param minutes at that rate
 * @param overloadRate rows a second of the minutes after those
 * @param overloadMinutes 0 for none
 * @param maximumPerSecond rows that the pipeline was measured to score at most: fewer than come in
 *     an overload, more than come before and after it
 * @param retentionMinutes that the brokers keep blocks and votes, so that hours fit on a disk
 * @param html file of a page with plots
 */
public record SoakOptions(
    Path rules,
    int ratePerSecond,
    int warmUpMinutes,
    int minutes,
    int overloadRate,
    int overloadMinutes,
    int maximumPerSecond,
    int retentionMinutes,
    Optional<Path> html) {
  /** A segment is deleted as a whole: of so many to a retention each. */
  static final int SEGMENTS = 4;

  /** Until a broker has looked whether a segment is too old, and then until it removes the file. */
  private static final long DELETION_SECONDS = 120;

  private static final int SECONDS = 60;

  /** Rows at most, those among them that come while what an overload leaves behind is scored. */
  long rowsMax() {
    return usualSeconds() * ratePerSecond + overloadRows();
  }

  /** For how long rows come at most. */
  long secondsMax() {
    return usualSeconds() + (long) SECONDS * overloadMinutes;
  }

  private long overloadRows() {
    return (long) SECONDS * overloadMinutes * overloadRate;
  }

  /** At the usual rate. */
  private long usualSeconds() {
    long over = overloadRows();
    long after = over > 0 ? (long) Math.ceil(Backlog.allowedSeconds(over, this)) : 0;
    return (long) SECONDS * (warmUpMinutes + minutes + 1) + after;
  }

  /** How long a block is on the broker's disk at most. */
  long keptSeconds() {
    long retention = (long) SECONDS * retentionMinutes;
    return retention + retention / SEGMENTS + DELETION_SECONDS;
  }

  /**
   * Whether as much is deleted as comes before the last quarter begins, and a quarter is as long as
   * a segment: before a segment is deleted more is there than after it.
   */
  boolean deletesBeforeLastQuarter() {
    return minutes >= retentionMinutes
        && SECONDS * (warmUpMinutes + 0.75 * minutes) >= keptSeconds();
  }
}
