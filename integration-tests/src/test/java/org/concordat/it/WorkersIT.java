package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two aggregators of several workers and one single process share four partitions. Under load a
 * worker joins, one is killed, one is stopped for longer than its session lasts and comes back as a
 * zombie, one leaves in order: every payment is scored once, every alert is the oracle's.
 */
class WorkersIT {
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
      CheckReport report = OracleCheck.run(folder);
      assertThat(report.holds()).as("%s", report).isTrue();
      assertThat(report.scored()).isEqualTo(PAYMENTS);
      assertThat(report.alerts()).isPositive();
    }
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
