package org.concordat.ops.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The figures that a benchmark ends with.
 *
 * @param p50Millis from scheduled arrival to delivered alert, on shares; nothing where none came
 */
record BenchResult(
    double perSecond, double plaintextPerSecond, OptionalLong p50Millis, OptionalLong p99Millis) {
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
        "{\"perSecond\":%.1f,\"p50Millis\":%s,\"p99Millis\":%s}",
        phases.get(0).perSecond(),
        json(latencies.deliveredMillis(50)),
        json(latencies.deliveredMillis(99)));
  }

  private static String json(OptionalLong millis) {
    return millis.isPresent() ? Long.toString(millis.getAsLong()) : "null";
  }

  double priceOfPrivacy() {
    return plaintextPerSecond / perSecond;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"perSecond\":%.1f,\"plaintextPerSecond\":%.1f,\"priceOfPrivacy\":%.2f,"
            + "\"p50Millis\":%s,\"p99Millis\":%s}",
        perSecond,
        plaintextPerSecond,
        priceOfPrivacy(),
        json(p50Millis),
        json(p99Millis));
  }

  String sentence() {
    String price =
        String.format(
            Locale.ROOT,
            "%.1f transactions a second on shares, %.1f on plaintext: the price of privacy is"
                + " %.2f.",
            perSecond,
            plaintextPerSecond,
            priceOfPrivacy());
    if (p50Millis.isEmpty() || p99Millis.isEmpty()) {
      return price + " No row that was due in the window was flagged.";
    }
    return price
        + String.format(
            Locale.ROOT,
            " Alerts after %d ms (median) and %d ms (99 %%).",
            p50Millis.getAsLong(),
            p99Millis.getAsLong());
  }
}
