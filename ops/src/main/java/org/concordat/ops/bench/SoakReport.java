package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a long run came to.
 *
 * @param steady samples at the rate that was asked for, after the warm-up
 * @param all from the start to when the last row was scored
 * @param errors lines of that level in all logs in the steady time
 * @param check what {@code concordat check} printed
 */
record SoakReport(
    SoakOptions options,
    List<SoakSample> steady,
    List<SoakSample> all,
    Optional<Backlog> backlog,
    long errors,
    JsonNode check,
    boolean alertsHold) {
  private static final double MEBIBYTE = 1 << 20;

  /** How much more in the last quarter than in the first is still called flat. */
  private static final double HEAP_GROWTH = 1.25;

  private static final double RESIDENT_GROWTH = 1.1;
  static final double LAG_GROWTH = 1.5;
  private static final double SLACK_MEBIBYTES = 32;
  static final double SLACK_SECONDS = 1;
  private static final double BACKLOG_SLACK_SECONDS = 30;

  /**
   * An overload and what it left behind.
   *
   * @param rows that weren't scored when it ended
   * @param seconds from then until rows waited no longer than before it
   * @param scoredPerSecond in that time, while rows came at the usual rate
   * @param isGone whether it came to that at all
   */
  record Backlog(long rows, double seconds, double scoredPerSecond, boolean isGone) {
    /** What the backlog takes at that speed. */
    double neededSeconds(int ratePerSecond) {
      return rows / Math.max(1, scoredPerSecond - ratePerSecond);
    }

    boolean isGoneInTime(int ratePerSecond) {
      return isGone && seconds <= LAG_GROWTH * neededSeconds(ratePerSecond) + BACKLOG_SLACK_SECONDS;
    }
  }

  /** Of the first and the last quarter of the steady time. */
  record Change(double first, double last) {}

  /** The median lag. */
  Change lag() {
    return change(SoakSample::lagSeconds, 0.5);
  }

  /** The median of rows that aren't scored. */
  Change unscored() {
    return change(SoakSample::unscored, 0.5);
  }

  /** MiB resident, the median. */
  Map<String, Change> resident() {
    return byProcess(SoakSample::residentBytes, 0.5);
  }

  /** MiB of heap when least was in use: what is alive, and little else. */
  Map<String, Change> heap() {
    return byProcess(SoakSample::heapBytes, 0);
  }

  private Map<String, Change> byProcess(
      java.util.function.Function<SoakSample, Map<String, Long>> bytes, double quantile) {
    Map<String, Change> changes = new TreeMap<>();
    for (String name : bytes.apply(steady.getFirst()).keySet()) {
      ToDoubleFunction<SoakSample> megabytes =
          sample -> bytes.apply(sample).getOrDefault(name, 0L) / MEBIBYTE;
      changes.put(name, change(megabytes, quantile));
    }
    return changes;
  }

  private Change change(ToDoubleFunction<SoakSample> value, double quantile) {
    int quarter = Math.max(1, steady.size() / 4);
    return new Change(
        quantile(steady.stream().limit(quarter).mapToDouble(value).sorted().toArray(), quantile),
        quantile(
            steady.stream().skip(steady.size() - quarter).mapToDouble(value).sorted().toArray(),
            quantile));
  }

  private static double quantile(double[] sorted, double quantile) {
    return sorted[(int) (quantile * (sorted.length - 1))];
  }

  boolean flatMemory() {
    return Stream.concat(
            heap().values().stream().map(c -> flat(c, HEAP_GROWTH, SLACK_MEBIBYTES)),
            resident().values().stream().map(c -> flat(c, RESIDENT_GROWTH, SLACK_MEBIBYTES)))
        .allMatch(Boolean::booleanValue);
  }

  boolean flatLag() {
    return flat(lag(), LAG_GROWTH, SLACK_SECONDS)
        && flat(unscored(), LAG_GROWTH, SLACK_SECONDS * options.ratePerSecond());
  }

  private static boolean flat(Change change, double growth, double slack) {
    return change.last() <= growth * change.first() + slack;
  }

  long abandoned() {
    return steady.getLast().abandoned() - steady.getFirst().abandoned();
  }

  boolean holds() {
    return alertsHold
        && flatMemory()
        && flatLag()
        && errors == 0
        && abandoned() == 0
        && backlog.map(left -> left.isGoneInTime(options.ratePerSecond())).orElse(true);
  }

  /** Rows scored a second in the steady time. */
  double perSecond() {
    SoakSample first = steady.getFirst();
    SoakSample last = steady.getLast();
    return (last.scored() - first.scored()) / Math.max(1, last.second() - first.second());
  }

  /** For machines. */
  Map<String, Object> summary() {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("holds", holds());
    summary.put("minutes", options.minutes());
    summary.put("ratePerSecond", options.ratePerSecond());
    summary.put("scoredPerSecond", perSecond());
    summary.put("flatMemory", flatMemory());
    summary.put("flatLag", flatLag());
    summary.put("abandoned", abandoned());
    summary.put("errors", errors);
    summary.put("lagSeconds", lag());
    summary.put("unscoredRows", unscored());
    summary.put("heapMebibytes", heap());
    summary.put("residentMebibytes", resident());
    backlog.ifPresent(
        left -> {
          summary.put("overloadRatePerSecond", options.overloadRate());
          summary.put("overloadMinutes", options.overloadMinutes());
          summary.put("backlogRows", left.rows());
          summary.put("backlogGone", left.isGone());
          summary.put("backlogSeconds", left.seconds());
          summary.put("backlogScoredPerSecond", left.scoredPerSecond());
          summary.put("backlogNeededSeconds", left.neededSeconds(options.ratePerSecond()));
        });
    summary.put("check", check);
    return summary;
  }
}
