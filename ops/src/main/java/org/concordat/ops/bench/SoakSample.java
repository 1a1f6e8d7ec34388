package org.concordat.ops.bench;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;

/**
 * A look at all processes.
 *
 * @param second since the first look
 * @param written rows that the banks' files have
 * @param abandoned attempts, of all aggregators
 * @param residentBytes by process
 * @param heapBytes in use by process, garbage too, of those that tell
 */
record SoakSample(
    double second,
    long written,
    long scored,
    double lagSeconds,
    long abandoned,
    Map<String, Long> residentBytes,
    Map<String, Long> heapBytes) {
  /** Looks; nothing if a process doesn't answer: a zero in its place would be a wrong one. */
  static Optional<SoakSample> take(Consortium consortium, double second, long written) {
    Map<String, Metrics> metrics = new TreeMap<>();
    for (String bank : consortium.banks()) {
      consortium.agentMetrics(bank).ifPresent(of -> metrics.put(bank, of));
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      consortium.aggregatorMetrics(aggregator).ifPresent(of -> metrics.put(aggregator, of));
    }
    if (metrics.size() < consortium.banks().size() + Consortium.AGGREGATORS.size()) {
      return Optional.empty();
    }
    Map<String, Long> resident = new TreeMap<>();
    for (Role role : consortium.roles()) {
      resident.put(role.name(), role.residentBytes());
    }
    Map<String, Long> heap = new TreeMap<>();
    long scored = 0;
    long abandoned = 0;
    double lag = 0;
    for (Map.Entry<String, Metrics> process : metrics.entrySet()) {
      Metrics of = process.getValue();
      heap.put(process.getKey(), (long) of.sum("jvm_memory_used_bytes", "area=\"heap\""));
      scored += (long) of.sum("concordat_agent_rows_scored_total");
      lag = Math.max(lag, of.sum("concordat_agent_oldest_unscored_seconds"));
      abandoned += (long) of.sum("concordat_aggregator_batches_total", "outcome=\"abandoned\"");
    }
    return Optional.of(new SoakSample(second, written, scored, lag, abandoned, resident, heap));
  }

  /** Rows that aren't scored, those that no agent has taken yet among them. */
  long unscored() {
    return written - scored;
  }
}
