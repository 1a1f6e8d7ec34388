package org.concordat.ops.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What kills came to.
 *
 * @param recovered milliseconds until scoring went on, by kind of process
 */
record RecoveryReport(RecoveryOptions options, Map<String, Histogram> recovered, FinalCheck check) {
  /** Of histograms. */
  static final int DIGITS = 3;

  private static final double MILLIS = 1e3;
  private static final double JUDGED = 95;

  /** Whether each kind was: a fast one doesn't make up for a slow one. */
  boolean inTime() {
    return recovered.values().stream()
        .allMatch(kind -> seconds(kind, JUDGED) <= options.withinSeconds());
  }

  boolean holds() {
    return inTime() && check.holds();
  }

  /** For machines. */
  Map<String, Object> summary() {
    var all = new Histogram(DIGITS);
    recovered.values().forEach(all::add);
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("holds", holds());
    summary.put("withinSeconds", options.withinSeconds());
    summary.put("brokers", options.brokers());
    summary.put("asWorkers", options.asWorkers());
    summary.put("entities", options.entities());
    summary.put("ratePerSecond", options.ratePerSecond());
    recovered.forEach((kind, of) -> summary.put(kind, figures(of)));
    summary.put("all", figures(all));
    summary.put("check", check.printed());
    return summary;
  }

  private static Map<String, Object> figures(Histogram of) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("kills", of.getTotalCount());
    figures.put("p50Seconds", seconds(of, 50));
    figures.put("p95Seconds", seconds(of, JUDGED));
    figures.put("mostSeconds", seconds(of, 100));
    return figures;
  }

  private static double seconds(Histogram of, double percentile) {
    return of.getValueAtPercentile(percentile) / MILLIS;
  }
}
