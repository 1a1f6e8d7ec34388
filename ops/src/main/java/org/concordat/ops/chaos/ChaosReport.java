package org.concordat.ops.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.concordat.ops.demo.MemoryUse;

/**
 * What a run came to.
 *
 * @param beginMillis when payments began to come
 * @param endMillis when the last of them was scored
 * @param rowsBySecond committed, by second since the epoch
 * @param memory of each process
 * @param check what {@code concordat check} printed
 * @param alertsHold what it came to
 * @param complete whether agents told before it that nothing is under way
 */
record ChaosReport(
    ChaosOptions options,
    long beginMillis,
    long endMillis,
    List<Outcome> outcomes,
    List<Watch.Ended> ended,
    TreeMap<Long, Long> rowsBySecond,
    List<Watch.Lag> lags,
    Map<String, MemoryUse> memory,
    JsonNode check,
    boolean alertsHold,
    boolean complete) {
  private static final double MILLIS = 1_000;

  /** Of the faults one in so many is of each kind, at least. */
  private static final int KIND_PART = 10;

  /**
   * The faults of a kind.
   *
   * @param recovered seconds until scoring went on, in order
   */
  record Tally(FaultKind kind, int count, int between, List<Double> recovered) {
    double percentile(int percent) {
      return ChaosReport.percentile(recovered, percent);
    }
  }

  /** By kind. */
  List<Tally> tallies() {
    List<Tally> tallies = new ArrayList<>();
    for (FaultKind kind : options.kinds()) {
      List<Outcome> of = outcomes.stream().filter(o -> o.fault().kind() == kind).toList();
      tallies.add(
          new Tally(
              kind, of.size(), (int) of.stream().filter(Outcome::between).count(), recovered(of)));
    }
    return tallies;
  }

  private static List<Double> recovered(List<Outcome> outcomes) {
    return outcomes.stream().map(o -> o.recoveryMillis() / MILLIS).sorted().toList();
  }

  /** Of all kinds that kill a process: seconds from its restart until scoring went on, in order. */
  List<Double> killed() {
    return recovered(
        outcomes.stream().filter(o -> FaultKind.KILLS.contains(o.fault().kind())).toList());
  }

  /** The value of nearest rank; 0 of none. */
  static double percentile(List<Double> sorted, int percent) {
    return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(percent / 100.0 * sorted.size()) - 1);
  }

  /** Whether as many faults came as were asked for, of every kind, and fell where they had to. */
  boolean enough() {
    return outcomes.size() >= options.faults()
        && tallies().stream()
            .allMatch(
                tally ->
                    tally.count() >= options.faults() / KIND_PART
                        && tally.between() >= options.between());
  }

  /** Whether processes ended when they were told to, and only then. */
  boolean inOrder() {
    return ended.isEmpty() && outcomes.stream().allMatch(Outcome::inOrder);
  }

  /** Whether no process ever had more resident than it may. */
  boolean boundedMemory() {
    return memory.values().stream().allMatch(MemoryUse::isWithin);
  }

  boolean holds() {
    return alertsHold && complete && enough() && inOrder() && boundedMemory();
  }

  /** For machines. */
  Map<String, Object> summary() {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("holds", holds());
    summary.put("seed", options.seed());
    summary.put("minutes", options.minutes());
    summary.put("seconds", (endMillis - beginMillis) / MILLIS);
    summary.put("ratePerSecond", options.ratePerSecond());
    summary.put("faults", outcomes.size());
    Map<String, Object> kinds = new LinkedHashMap<>();
    for (Tally tally : tallies()) {
      Map<String, Object> kind = new LinkedHashMap<>();
      kind.put("count", tally.count());
      kind.put("between", tally.between());
      kind.put("recoveryP50Seconds", tally.percentile(50));
      kind.put("recoveryP95Seconds", tally.percentile(95));
      kind.put("recoveryMaxSeconds", tally.percentile(100));
      kinds.put(tally.kind().label(), kind);
    }
    summary.put("kinds", kinds);
    summary.put("kills", killed().size());
    summary.put("killRecoveryP50Seconds", percentile(killed(), 50));
    summary.put("killRecoveryP95Seconds", percentile(killed(), 95));
    summary.put(
        "endedByThemselves",
        ended.stream()
            .map(e -> Map.of("process", e.name(), "status", e.status(), "second", second(e)))
            .toList());
    summary.put("complete", complete);
    summary.put("check", check);
    summary.put("mostResidentMebibytes", MemoryUse.mebibytes(memory));
    summary.put("outcomes", outcomes.stream().map(this::line).toList());
    return summary;
  }

  private double second(Watch.Ended process) {
    return second(process.millis());
  }

  /** Seconds since payments began to come. */
  double second(long millis) {
    return (millis - beginMillis) / MILLIS;
  }

  private Map<String, Object> line(Outcome outcome) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("number", outcome.fault().number());
    line.put("fault", outcome.fault().describe());
    line.put("second", second(outcome.strikeMillis()));
    line.put("lastedSeconds", (outcome.undoneMillis() - outcome.strikeMillis()) / MILLIS);
    line.put("between", outcome.between());
    line.put("recoverySeconds", outcome.recoveryMillis() / MILLIS);
    line.put("inOrder", outcome.inOrder());
    return line;
  }
}
