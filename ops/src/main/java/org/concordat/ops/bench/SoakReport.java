package org.concordat.ops.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.demo.MemoryUse;

/**
 * What a long run came to.
 *
 * @param bounds of what processes may have on their disks
 * @param steady samples at the rate that was asked for, after the warm-up
 * @param all from the start to when the last row was scored
 * @param errors lines of that level in all logs in the steady time
 * @param check what {@code concordat check} printed
 */
record SoakReport(
    SoakOptions options,
    DiskBounds bounds,
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

  /** From one quarter to the next: what isn't deleted within hours goes on growing. */
  private static final double DISK_GROWTH = 1.25;

  static final double LAG_GROWTH = 1.5;
  private static final double SLACK_MEBIBYTES = 32;
  static final double SLACK_SECONDS = 1;

  /** Of the time that a backlog needs: its maximum is what one run measured, and runs differ. */
  private static final double BACKLOG_SLACK = 1.1;

  /** Its end is seen at the next look, or at the one after it if a process doesn't answer. */
  private static final double BACKLOG_SLACK_SECONDS = 10;

  /** A dozen looks in a row: what was meanwhile nothing tells. */
  private static final double GAP_SECONDS_MAX = 60;

  /** What sealing adds to the blocks that fill a spool isn't known before they are sealed. */
  private static final double SPOOL_FILL_MAX = 1.01;

  /**
   * An overload and what it left behind.
   *
   * @param rows that weren't scored when it ended
   * @param seconds from then until rows waited no longer than before it
   * @param scoredPerSecond in that time, while rows came at the usual rate
   * @param isGone whether it came to that at all
   */
  record Backlog(long rows, double seconds, double scoredPerSecond, boolean isGone) {
    /** What it takes at the measured maximum, of which rows that still come take a part. */
    double neededSeconds(SoakOptions options) {
      return neededSeconds(rows, options);
    }

    private static double neededSeconds(long rows, SoakOptions options) {
      return rows / (double) (options.maximumPerSecond() - options.ratePerSecond());
    }

    /** What so many rows may take. */
    static double allowedSeconds(long rows, SoakOptions options) {
      return BACKLOG_SLACK * neededSeconds(rows, options) + BACKLOG_SLACK_SECONDS;
    }

    boolean isGoneInTime(SoakOptions options) {
      return isGone && seconds <= allowedSeconds(rows, options);
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
      changes.put(name, change(sample -> mebibytes(bytes.apply(sample), name), quantile));
    }
    return changes;
  }

  private double begin() {
    return steady.getFirst().second();
  }

  private double end() {
    return steady.getLast().second();
  }

  /** Seconds: a quarter of the looks would be longer where some are missing. */
  private double quarter() {
    return (end() - begin()) / 4;
  }

  /** Those of a part of the steady time. */
  private List<SoakSample> looks(double from, double to) {
    return steady.stream().filter(look -> from <= look.second() && look.second() <= to).toList();
  }

  private Change change(ToDoubleFunction<SoakSample> value, double quantile) {
    return new Change(
        quantile(looks(begin(), begin() + quarter()), value, quantile),
        quantile(looks(end() - quarter(), end()), value, quantile));
  }

  private static double quantile(
      List<SoakSample> looks, ToDoubleFunction<SoakSample> value, double quantile) {
    double[] sorted = looks.stream().mapToDouble(value).sorted().toArray();
    return sorted[(int) (quantile * (sorted.length - 1))];
  }

  /** The longest time between two looks of which one at least is in the steady time. */
  double longestGapSeconds() {
    double longest = 0;
    for (int i = 1; i < all.size(); i++) {
      double before = all.get(i - 1).second();
      double now = all.get(i).second();
      if (now >= begin() && before <= end()) {
        longest = Math.max(longest, now - before);
      }
    }
    return longest;
  }

  /** Whether it was never long between two looks that all processes answered. */
  boolean withoutGaps() {
    return longestGapSeconds() <= GAP_SECONDS_MAX;
  }

  /** The most that each process had resident, over the whole run. */
  Map<String, MemoryUse> memory() {
    Map<String, MemoryUse> most = new TreeMap<>();
    for (SoakSample sample : all) {
      sample.memory().forEach((name, use) -> most.merge(name, use, MemoryUse::most));
    }
    return most;
  }

  /** Whether no process ever had more resident than it may. */
  boolean boundedMemory() {
    return memory().values().stream().allMatch(MemoryUse::isWithin);
  }

  /** MiB of files, as the whole run began and as it ended. */
  Map<String, Change> disk() {
    Map<String, Long> first = all.getFirst().diskBytes();
    Map<String, Long> last = all.getLast().diskBytes();
    Map<String, Change> changes = new TreeMap<>();
    for (String name : first.keySet()) {
      changes.put(name, new Change(mebibytes(first, name), mebibytes(last, name)));
    }
    return changes;
  }

  /** The most that each process had on its disk, over the whole run. */
  Map<String, DiskUse> mostDisk() {
    Map<String, DiskUse> most = new TreeMap<>();
    for (SoakSample sample : all) {
      for (Map.Entry<String, Long> process : sample.diskBytes().entrySet()) {
        var use = new DiskUse(process.getValue(), bounds.bound(process.getKey()));
        most.merge(process.getKey(), use, DiskUse::most);
      }
    }
    return most;
  }

  /** Whether no process ever had more on its disk than it may. */
  boolean boundedDisk() {
    return mostDisk().values().stream().allMatch(DiskUse::isWithin);
  }

  /**
   * The most MiB that the broker had in the last quarter but one, and in the last; nothing where
   * retention doesn't delete as much as comes by then.
   */
  Optional<Change> brokerDisk() {
    if (!options.deletesBeforeLastQuarter()) {
      return Optional.empty();
    }
    double last = end() - quarter();
    return Optional.of(
        new Change(
            mostBrokerDisk(looks(last - quarter(), last)), mostBrokerDisk(looks(last, end()))));
  }

  private static double mostBrokerDisk(List<SoakSample> samples) {
    return samples.stream()
        .mapToDouble(sample -> mebibytes(sample.diskBytes(), EmbeddedBroker.NAME))
        .max()
        .orElse(0);
  }

  boolean flatDisk() {
    return brokerDisk().map(disk -> flat(disk, DISK_GROWTH, SLACK_MEBIBYTES)).orElse(true);
  }

  private static double mebibytes(Map<String, Long> bytes, String name) {
    return bytes.getOrDefault(name, 0L) / MEBIBYTE;
  }

  /** The fullest that an agent's spool was, as a part of its limit. */
  double spoolFill() {
    return all.stream().mapToDouble(SoakSample::spoolFill).max().orElse(0);
  }

  boolean boundedSpool() {
    return spoolFill() <= SPOOL_FILL_MAX;
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
        && boundedMemory()
        && boundedSpool()
        && boundedDisk()
        && flatDisk()
        && flatLag()
        && withoutGaps()
        && errors == 0
        && abandoned() == 0
        && backlog.map(left -> left.isGoneInTime(options)).orElse(true);
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
    summary.put("boundedMemory", boundedMemory());
    summary.put("boundedSpool", boundedSpool());
    summary.put("boundedDisk", boundedDisk());
    summary.put("flatDisk", flatDisk());
    summary.put("flatLag", flatLag());
    summary.put("withoutGaps", withoutGaps());
    summary.put("looks", steady.size());
    summary.put("longestGapSeconds", longestGapSeconds());
    summary.put("abandoned", abandoned());
    summary.put("errors", errors);
    summary.put("lagSeconds", lag());
    summary.put("unscoredRows", unscored());
    summary.put("heapMebibytes", heap());
    summary.put("residentMebibytes", resident());
    summary.put("mostResidentMebibytes", MemoryUse.mebibytes(memory()));
    summary.put("diskMebibytes", disk());
    summary.put("mostDiskMebibytes", DiskUse.mebibytes(mostDisk()));
    brokerDisk().ifPresent(most -> summary.put("brokerDiskMebibytes", most));
    summary.put("spoolFill", spoolFill());
    backlog.ifPresent(
        left -> {
          summary.put("overloadRatePerSecond", options.overloadRate());
          summary.put("overloadMinutes", options.overloadMinutes());
          summary.put("maximumPerSecond", options.maximumPerSecond());
          summary.put("backlogRows", left.rows());
          summary.put("backlogGone", left.isGone());
          summary.put("backlogSeconds", left.seconds());
          summary.put("backlogScoredPerSecond", left.scoredPerSecond());
          summary.put("backlogNeededSeconds", left.neededSeconds(options));
        });
    summary.put("check", check);
    return summary;
  }
}
