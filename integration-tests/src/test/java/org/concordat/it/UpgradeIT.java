package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One agent and one aggregator of an earlier build beside others of this one, under load: they are
 * upgraded, rolled back and upgraded again, one process at a time. Every row is scored once, and
 * the alerts are the oracle's.
 *
 * <p>The earlier build is a folder with its jars: of a release that was unpacked, its {@code lib}.
 */
@ExtendWith(LossStays.class)
class UpgradeIT {
  private static final String EARLIER = System.getProperty("concordat.earlier", "");
  private static final int BANKS = 2;
  private static final int RATE = 400;
  private static final int PAYMENTS = 60_000;

  /** So many rows are scored between two steps. */
  private static final int ROWS_BETWEEN = 2_000;

  private static final Duration WAIT = Duration.ofMinutes(3);
  private static final long UP_SECONDS = 120;
  private static final long COMPLETE_SECONDS = 600;

  @TempDir private Path temp;

  @Test
  void anUpgradeAndARollBackUnderLoadLoseAndDoubleNothing() throws Exception {
    assumeTrue(
        !EARLIER.isEmpty(), "no earlier build: name a folder with its jars in concordat.earlier");
    String earlier = Path.of(EARLIER).toAbsolutePath() + "/*";
    String ours = Role.classPath();
    Path folder = temp.resolve("upgrade");
    try (Consortium consortium = Runs.simulated(folder, BANKS, PAYMENTS, RATE / BANKS)) {
      consortium.build("agg-1", earlier);
      consortium.build("bank-a", earlier);
      Runs.startAll(consortium);
      Runs.awaitUp(consortium, UP_SECONDS);
      for (String build : List.of(ours, earlier, ours)) {
        for (String name : List.of("agg-1", "bank-a")) {
          awaitMoreScored(consortium);
          assertThat(Progress.of(consortium).sourcesFinished()).as("still under load").isFalse();
          Role role = consortium.role(name);
          assertThat(role.stop()).as("%s stops by itself", name).isTrue();
          role.build(build);
          role.restart();
          Runs.awaitUp(consortium, UP_SECONDS);
        }
      }
      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      CheckReport report = Runs.checked(folder);
      Runs.requireOracles(report, PAYMENTS);
      assertThat(report.alerts()).isPositive();
    }
  }

  private static void awaitMoreScored(Consortium consortium) {
    double before = scoredNow(consortium);
    Awaitility.await()
        .atMost(WAIT)
        .until(
            () -> {
              consortium.requireAlive();
              return scoredNow(consortium) > before + ROWS_BETWEEN;
            });
  }

  /** The metric of an agent counts across its restarts. */
  private static double scoredNow(Consortium consortium) {
    return consortium.banks().stream()
        .map(bank -> Runs.metrics(() -> consortium.agentMetrics(bank)))
        .mapToDouble(metrics -> metrics.sum("concordat_agent_rows_scored_total"))
        .sum();
  }
}
