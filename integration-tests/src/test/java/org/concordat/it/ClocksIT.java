package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The clocks of real processes jump while payments come. By ten minutes, of an agent, of two
 * aggregators and of the broker: payments are scored on, and nobody is accused. By hours, of the
 * agent: it doubts its clock, and is scored on too. By hours, of the leader: the others refuse its
 * cuts and say so, and nothing is scored until its clock is right. No process is started again,
 * every payment is scored once, and the alerts are the oracle's.
 */
@ExtendWith(LossStays.class)
class ClocksIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_129L);
  private static final String BANK = "bank-a";

  /** It leads the one partition. */
  private static final String LEADER = "agg-1";

  private static final String SECOND = "agg-2";
  private static final String THIRD = "agg-3";
  private static final String ALARMS = "concordat_aggregator_alarms_total";

  /** By less than a leader's clock may be off. */
  private static final Duration MINUTES = Duration.ofMinutes(10);

  /** By more than a process believes, or a broker takes of a writer's time where that counts. */
  private static final Duration HOURS = Duration.ofHours(2);

  /** So near to what it was set to a clock shows it. */
  private static final double NEAR_SECONDS = 30;

  private static final double MILLIS_PER_SECOND = 1_000;

  /** Looks, one after the other, at which nothing more has been scored. */
  private static final int STILL_LOOKS = 20;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir private Path temp;

  @Test
  void clocksThatJumpLoseNothingAndAccuseNobody() throws Exception {
    Optional<Path> library = SettableClocks.library();
    assumeTrue(library.isPresent(), "libfaketime isn't installed: apt-get install libfaketime");
    Path files = Files.createDirectories(temp.resolve("clocks"));
    try (LinkedLoad load = LinkedLoad.create(temp.resolve("consortium"), SEED)) {
      var clocks = new SettableClocks(load.consortium(), files, library.orElseThrow());
      clocks.startAll();
      load.awaitMore();
      for (String process : List.of(BANK, LEADER, SECOND, SettableClocks.BROKER)) {
        for (Duration ahead : List.of(MINUTES.negated(), MINUTES, Duration.ZERO)) {
          step(load, clocks, process, ahead);
          load.awaitMore();
        }
      }
      theAgentIsHoursAhead(load, clocks);
      for (String aggregator : Consortium.AGGREGATORS) {
        assertThat(alarms(load, aggregator)).as("alarms of %s", aggregator).isZero();
      }
      theLeaderIsHoursAhead(load, clocks);
      CheckReport report = load.requireOracles();
      assertThat(report.alerts()).isPositive();
    }
  }

  /** Brokers take what it writes, stamped by their own clocks. */
  private static void theAgentIsHoursAhead(LinkedLoad load, SettableClocks clocks)
      throws IOException {
    step(load, clocks, BANK, HOURS);
    load.await(() -> isDoubted(load.consortium().agentMetrics(BANK)));
    load.awaitMore();
    step(load, clocks, BANK, Duration.ZERO);
    load.awaitMore();
  }

  /** Nobody computes with it, and nothing is lost. */
  private static void theLeaderIsHoursAhead(LinkedLoad load, SettableClocks clocks)
      throws IOException {
    Consortium consortium = load.consortium();
    step(load, clocks, LEADER, HOURS);
    for (String peer : List.of(SECOND, THIRD)) {
      load.await(() -> sum(consortium.aggregatorMetrics(peer), ALARMS, "code=\"CDT-606\"") > 0);
      load.await(() -> Files.readString(consortium.role(peer).log()).contains("commit time"));
    }
    load.await(() -> isDoubted(consortium.aggregatorMetrics(LEADER)));
    load.await(
        () ->
            sum(consortium.aggregatorMetrics(LEADER), "concordat_aggregator_uncommitted_rows") > 0);
    // What all had agreed on before is committed yet.
    List<Double> looks = new ArrayList<>();
    load.await(() -> looks.add(load.scored()) && isStill(looks));

    step(load, clocks, LEADER, Duration.ZERO);
    load.awaitMore();
  }

  private static boolean isStill(List<Double> looks) {
    int from = looks.size() - STILL_LOOKS;
    return from >= 0 && looks.subList(from, looks.size()).stream().distinct().count() == 1;
  }

  /** Sets a process's clock, and returns once the process goes by it. */
  private static void step(LinkedLoad load, SettableClocks clocks, String process, Duration ahead)
      throws IOException {
    clocks.set(process, ahead);
    load.await(
        () -> {
          double now = System.currentTimeMillis() / MILLIS_PER_SECOND;
          double off = clockSeconds(load, process) - now - ahead.toSeconds();
          return Math.abs(off) < NEAR_SECONDS;
        });
  }

  /** What a process's clock shows since 1970, of the broker in what it stamped last. */
  private static double clockSeconds(LinkedLoad load, String process) {
    if (process.equals(SettableClocks.BROKER)) {
      var cuts = load.broker().committed(Set.of(load.topics().cuts()));
      return cuts.getLast().timestamp() / MILLIS_PER_SECOND;
    }
    Optional<Metrics> metrics =
        process.equals(BANK)
            ? load.consortium().agentMetrics(process)
            : load.consortium().aggregatorMetrics(process);
    return sum(metrics, "concordat_clock_seconds");
  }

  private static boolean isDoubted(Optional<Metrics> metrics) {
    return sum(metrics, "concordat_clock_doubted") == 1;
  }

  /** Of every kind, since it was started. */
  private static double alarms(LinkedLoad load, String aggregator) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> load.consortium().aggregatorMetrics(aggregator), Optional::isPresent)
        .orElseThrow()
        .sum(ALARMS);
  }

  /** 0 while a process doesn't answer. */
  private static double sum(Optional<Metrics> metrics, String name, String... labels) {
    return metrics.map(m -> m.sum(name, labels)).orElse(0.0);
  }
}
