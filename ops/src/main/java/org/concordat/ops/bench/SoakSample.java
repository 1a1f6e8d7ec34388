package org.concordat.ops.bench;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;

/**
 * A look at all processes.
 *
 * @param second since the first look
 * @param written rows that the banks' files have
 * @param abandoned attempts of the first aggregator
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
  static SoakSample take(Consortium consortium, double second, long written) {
    Progress progress = Progress.of(consortium);
    Map<String, Long> resident = new TreeMap<>();
    Map<String, Long> heap = new TreeMap<>();
    for (Role role : consortium.roles()) {
      resident.put(role.name(), role.residentBytes());
    }
    for (String bank : consortium.banks()) {
      put(heap, bank, consortium.agentMetrics(bank));
    }
    long abandoned = 0;
    for (String aggregator : Consortium.AGGREGATORS) {
      Optional<Metrics> metrics = consortium.aggregatorMetrics(aggregator);
      put(heap, aggregator, metrics);
      abandoned += metrics.map(SoakSample::abandoned).orElse(0L);
    }
    return new SoakSample(
        second, written, progress.scored(), progress.lagSeconds(), abandoned, resident, heap);
  }

  private static void put(Map<String, Long> heap, String name, Optional<Metrics> metrics) {
    metrics.ifPresent(
        of -> heap.put(name, (long) of.sum("jvm_memory_used_bytes", "area=\"heap\"")));
  }

  private static long abandoned(Metrics metrics) {
    return (long) metrics.sum("concordat_aggregator_batches_total", "outcome=\"abandoned\"");
  }
}
