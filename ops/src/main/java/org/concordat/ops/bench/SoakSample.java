package org.concordat.ops.bench;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.ops.broker.BrokerFiles;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.MemoryUse;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;

/**
 * A look at all processes.
 *
 * @param second since the first look
 * @param written rows that the banks' files have
 * @param abandoned attempts, of all aggregators
 * @param spoolFill the fullest agent's spool, as a part of its limit
 * @param residentBytes by process
 * @param memory by process: the most that was resident until now, between two looks too
 * @param heapBytes in use by process, garbage too
 * @param diskBytes by process that keeps data: the broker's topics, agents' stores
 */
record SoakSample(
    double second,
    long written,
    long scored,
    double lagSeconds,
    long abandoned,
    double spoolFill,
    Map<String, Long> residentBytes,
    Map<String, MemoryUse> memory,
    Map<String, Long> heapBytes,
    Map<String, Long> diskBytes) {
  /**
   * Looks; nothing if a process doesn't answer: a zero in its place would be a wrong one.
   *
   * @param brokerPort where the broker serves its metrics
   */
  static Optional<SoakSample> take(
      Consortium consortium, int brokerPort, double second, long written) {
    Map<String, Metrics> metrics = new TreeMap<>();
    Metrics.scrape(brokerPort).ifPresent(of -> metrics.put(EmbeddedBroker.NAME, of));
    for (String bank : consortium.banks()) {
      consortium.agentMetrics(bank).ifPresent(of -> metrics.put(bank, of));
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      consortium.aggregatorMetrics(aggregator).ifPresent(of -> metrics.put(aggregator, of));
    }
    if (metrics.size() < 1 + consortium.banks().size() + Consortium.AGGREGATORS.size()) {
      return Optional.empty();
    }
    Map<String, Long> resident = new TreeMap<>();
    Map<String, MemoryUse> memory = new TreeMap<>();
    for (Role role : consortium.roles()) {
      resident.put(role.name(), role.residentBytes());
      memory.put(role.name(), role.memoryUse());
    }
    Map<String, Long> disk = new TreeMap<>();
    Path topics = consortium.folder().resolve(EmbeddedBroker.NAME).resolve("data");
    disk.put(EmbeddedBroker.NAME, BrokerFiles.bytes(topics));
    Map<String, Long> heap = new TreeMap<>();
    long scored = 0;
    long abandoned = 0;
    double lag = 0;
    double fill = 0;
    for (Map.Entry<String, Metrics> process : metrics.entrySet()) {
      Metrics of = process.getValue();
      heap.put(process.getKey(), (long) of.sum("jvm_memory_used_bytes", "area=\"heap\""));
      if (consortium.banks().contains(process.getKey())) {
        disk.put(process.getKey(), (long) of.sum("concordat_agent_store_disk_bytes"));
      }
      scored += (long) of.sum("concordat_agent_rows_scored_total");
      lag = Math.max(lag, of.sum("concordat_agent_oldest_unscored_seconds"));
      fill = Math.max(fill, of.sum("concordat_agent_spool_fill_ratio"));
      abandoned += (long) of.sum("concordat_aggregator_batches_total", "outcome=\"abandoned\"");
    }
    return Optional.of(
        new SoakSample(
            second, written, scored, lag, abandoned, fill, resident, memory, heap, disk));
  }

  /** Rows that aren't scored, those that no agent has taken yet among them. */
  long unscored() {
    return written - scored;
  }
}
