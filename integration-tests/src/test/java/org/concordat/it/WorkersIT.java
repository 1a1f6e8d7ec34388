package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two aggregators of several workers and one single process share four partitions, or the one that
 * rules which link payments run on. Under load a worker joins, one is killed, one is stopped for
 * longer than its session lasts and comes back as a zombie, one leaves in order: every payment is
 * scored once, every alert is the oracle's.
 */
@ExtendWith(LossStays.class)
class WorkersIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_129L);
  private static final int PARTITIONS = 4;
  private static final int BANKS = 2;
  private static final int RATE = 400;
  private static final int PAYMENTS = 14_000;
  private static final String FIRST = "agg-1";
  private static final String SECOND = "agg-2";
  private static final long MOVED_SECONDS = 180;
  private static final long COMPLETE_SECONDS = 300;

  @TempDir private Path temp;

  @Test
  void partitionsMoveUnderLoadAndNothingIsLostOrDoubled() throws Exception {
    Path folder = temp.resolve("workers");
    try (Consortium consortium =
        Runs.simulated(
            folder,
            BANKS,
            PAYMENTS,
            RATE / BANKS,
            PARTITIONS,
            ConsortiumPlan.FLAGS_PER_BANK_AND_DAY)) {
      consortium.startBroker();
      consortium.startWorker(FIRST, "w1");
      consortium.startWorker(FIRST, "w2");
      consortium.startWorker(SECOND, "w1");
      consortium.startAggregator("agg-3");
      consortium.startAgents();
      await(() -> shared(consortium, FIRST, "w1", "w2") && shared(consortium, SECOND, "w1"));

      consortium.startWorker(SECOND, "w2");
      await(() -> shared(consortium, SECOND, "w1", "w2"));

      consortium.role(FIRST + "/w1").kill();
      await(() -> shared(consortium, FIRST, "w2"));

      Role zombie = consortium.role(SECOND + "/w1");
      Runs.signal(zombie, "STOP");
      await(() -> shared(consortium, SECOND, "w2"));
      Runs.signal(zombie, "CONT");
      consortium.role(FIRST + "/w1").restart();
      await(() -> shared(consortium, FIRST, "w1", "w2") && shared(consortium, SECOND, "w1", "w2"));

      consortium.stop(SECOND + "/w2");
      await(() -> shared(consortium, SECOND, "w1"));

      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      CheckReport report = Runs.checked(folder);
      Runs.requireOracles(report, PAYMENTS);
      assertThat(report.alerts()).isPositive();
    }
  }

  /**
   * All that is remembered of entities is with the one worker that has the partition: it moves
   * three times, each time to a worker that has read it from the topic of links.
   */
  @Test
  void aLinkedPartitionMovesWithAllThatItRemembers() throws Exception {
    try (LinkedLoad load = LinkedLoad.create(temp.resolve("linked"), SEED)) {
      Consortium consortium = load.consortium();
      consortium.startBroker();
      consortium.startWorker(FIRST, "w1");
      consortium.startWorker(FIRST, "w2");
      consortium.startWorker(SECOND, "w1");
      consortium.startAggregator("agg-3");
      consortium.startAgents();
      load.awaitMore();
      load.await(() -> isReady(consortium, FIRST, "w1") && isReady(consortium, FIRST, "w2"));
      String killed = isHolder(consortium, FIRST, "w1") ? "w1" : "w2";
      String spare = killed.equals("w1") ? "w2" : "w1";

      load.away(FIRST + "/" + killed);
      consortium.role(FIRST + "/" + killed).kill();
      load.await(() -> isHolder(consortium, FIRST, spare));
      load.awaitMore();

      consortium.startWorker(SECOND, "w2");
      // One that joins takes nothing.
      load.await(() -> isReady(consortium, SECOND, "w2") && isHolder(consortium, SECOND, "w1"));
      Role zombie = consortium.role(SECOND + "/w1");
      Runs.signal(zombie, "STOP");
      try {
        load.await(() -> isHolder(consortium, SECOND, "w2"));
        load.awaitMore();
      } finally {
        Runs.signal(zombie, "CONT");
      }
      load.await(
          () ->
              isReady(consortium, SECOND, "w1")
                  && !isHolder(consortium, SECOND, "w1")
                  && isHolder(consortium, SECOND, "w2"));

      consortium.role(FIRST + "/" + killed).restart();
      load.back(FIRST + "/" + killed);
      load.await(() -> isReady(consortium, FIRST, killed));
      consortium.stop(FIRST + "/" + spare);
      load.await(() -> isHolder(consortium, FIRST, killed));
      load.awaitMore();
      assertThat(entities(consortium, FIRST, killed)).isGreaterThan(LinkedLoad.ACCOUNTS / 2.0);

      CheckReport report = load.requireOracles();
      assertThat(report.alertsByRule().keySet()).contains("ring", "passed", "spent-at-once");
    }
  }

  private static boolean isReady(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .filter(metrics -> metrics.sum("concordat_aggregator_ready") == 1)
        .isPresent();
  }

  /** Whether a worker has the one partition of linked payments. */
  private static boolean isHolder(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .filter(metrics -> owned(metrics).equals(List.of(0)))
        .isPresent();
  }

  private static double entities(Consortium consortium, String aggregator, String worker) {
    return consortium
        .workerMetrics(aggregator, worker)
        .map(metrics -> metrics.sum("concordat_aggregator_linkage_entities"))
        .orElse(0.0);
  }

  /** Whether these workers, and each of them, have the aggregator's partitions, each one once. */
  private static boolean shared(Consortium consortium, String aggregator, String... workers) {
    Map<Integer, Integer> owners = new TreeMap<>();
    for (String worker : workers) {
      List<Integer> own =
          consortium
              .workerMetrics(aggregator, worker)
              .filter(metrics -> metrics.sum("concordat_aggregator_ready") == 1)
              .map(WorkersIT::owned)
              .orElse(List.of());
      if (own.isEmpty()) {
        return false;
      }
      own.forEach(partition -> owners.merge(partition, 1, Integer::sum));
    }
    return owners.size() == PARTITIONS && owners.values().stream().allMatch(n -> n == 1);
  }

  private static List<Integer> owned(Metrics metrics) {
    return IntStream.range(0, PARTITIONS)
        .filter(
            partition ->
                metrics.sum(
                        "concordat_aggregator_partition_owned", "partition=\"" + partition + "\"")
                    == 1)
        .boxed()
        .toList();
  }

  private static void await(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + MOVED_SECONDS * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time").isLessThan(end);
      Thread.sleep(200);
    }
  }
}
