package org.concordat.ops.bench;

import java.util.List;
import java.util.Locale;

/**
 * The figures that a benchmark ends with.
 *
 * @param p50Millis from scheduled arrival to delivered alert, on shares
 */
record BenchResult(double perSecond, double plaintextPerSecond, long p50Millis, long p99Millis) {
  /** Of the four phases: shares as fast as they go and at a rate, then plaintext. */
  static BenchResult of(List<Phase> phases) {
    Latencies latencies = phases.get(1).latencies();
    return new BenchResult(
        phases.get(0).perSecond(),
        phases.get(2).perSecond(),
        latencies.deliveredMillis(50),
        latencies.deliveredMillis(99));
  }

  /** Of the two phases on shares alone. */
  static String sharesJson(List<Phase> phases) {
    Latencies latencies = phases.get(1).latencies();
    return String.format(
        Locale.ROOT,
        "{\"perSecond\":%.1f,\"p50Millis\":%d,\"p99Millis\":%d}",
        phases.get(0).perSecond(),
        latencies.deliveredMillis(50),
        latencies.deliveredMillis(99));
  }

  double priceOfPrivacy() {
    return plaintextPerSecond / perSecond;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"perSecond\":%.1f,\"plaintextPerSecond\":%.1f,\"priceOfPrivacy\":%.2f,"
            + "\"p50Millis\":%d,\"p99Millis\":%d}",
        perSecond,
        plaintextPerSecond,
        priceOfPrivacy(),
        p50Millis,
        p99Millis);
  }

  String sentence() {
    return String.format(
        Locale.ROOT,
        "%.1f transactions a second on shares, %.1f on plaintext: the price of privacy is %.2f."
            + " Alerts after %d ms (median) and %d ms (99 %%).",
        perSecond,
        plaintextPerSecond,
        priceOfPrivacy(),
        p50Millis,
        p99Millis);
  }
}
