package org.concordat.ops.bench;

import java.util.Locale;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/** Milliseconds from the scheduled arrival of rows that were flagged. Not thread-safe. */
final class Latencies {
  private static final long MILLIS_MAX = 3_600_000;
  private static final int DIGITS = 3;

  private final Histogram delivered = new Histogram(MILLIS_MAX, DIGITS);
  private final Histogram committed = new Histogram(MILLIS_MAX, DIGITS);

  /** An alert, if its row was due in the window. */
  void add(Window window, long dueMillis, long committedMillis, long deliveredMillis) {
    if (window.contains(dueMillis)) {
      committed.recordValue(Math.clamp(committedMillis - dueMillis, 0, MILLIS_MAX));
      delivered.recordValue(Math.clamp(deliveredMillis - dueMillis, 0, MILLIS_MAX));
    }
  }

  long alerts() {
    return delivered.getTotalCount();
  }

  /** To the delivered alert; nothing where none came. */
  OptionalLong deliveredMillis(double percentile) {
    return alerts() == 0
        ? OptionalLong.empty()
        : OptionalLong.of(delivered.getValueAtPercentile(percentile));
  }

  String describeDelivered() {
    return describe(delivered);
  }

  String describeCommitted() {
    return describe(committed);
  }

  private static String describe(Histogram histogram) {
    if (histogram.getTotalCount() == 0) {
      return "none";
    }
    return String.format(
        Locale.ROOT,
        "p50 %d, p90 %d, p99 %d, max %d ms",
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(90),
        histogram.getValueAtPercentile(99),
        histogram.getMaxValue());
  }
}
