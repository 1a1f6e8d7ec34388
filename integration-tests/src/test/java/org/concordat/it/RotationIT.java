package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.identity.Certificates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Certificates expire while their processes run and payments come. Where they were replaced in
 * their files before, everything goes on although each connection has to be made anew. A bank whose
 * certificate wasn't is refused and says so, keeps its payments, and goes on by itself once it is
 * replaced. Nobody but the broker is started again, every payment is scored once, and the alerts
 * are the oracle's. The broker's own certificate is read at its start alone.
 */
@ExtendWith(LossStays.class)
class RotationIT {
  private static final String RENEWED = "bank-a";
  private static final String FORGOTTEN = "bank-b";
  private static final String FIRST = "agg-1";
  private static final String SECOND = "agg-2";
  private static final String FROZEN = "agg-3";
  private static final String FAULTS = "concordat_aggregator_peer_faults_total";

  /** Of the certificates that all begin with: enough for all to start. */
  private static final Duration VALIDITY = Duration.ofMinutes(2);

  private static final Duration NEXT_VALIDITY = Duration.ofDays(365);
  private static final int BANKS = 2;

  /** Of each bank, a second. */
  private static final int RATE = 20;

  /** They come for longer than everything here takes. */
  private static final long PAYMENTS = 14_000;

  /** So many that are scored show that a bank goes on. */
  private static final int ROWS = 100;

  private static final long UP_SECONDS = 110;
  private static final long COMPLETE_SECONDS = 500;

  @TempDir private Path temp;

  @Test
  void whatWasReplacedIsShownOnceTheFirstHasExpired() throws Exception {
    Path folder = temp.resolve("rotation");
    try (Consortium consortium = Runs.simulated(folder, BANKS, PAYMENTS, RATE)) {
      Runs.largerBlocks(consortium);
      consortium.startBroker();
      for (String aggregator : Consortium.AGGREGATORS) {
        issue(folder, aggregator, VALIDITY);
      }
      issue(folder, RENEWED, VALIDITY);
      issue(folder, FORGOTTEN, VALIDITY);
      consortium.startAggregators();
      consortium.startAgents();
      Runs.awaitUp(consortium, UP_SECONDS);
      awaitMore(consortium, RENEWED);
      awaitMore(consortium, FORGOTTEN);

      for (String aggregator : Consortium.AGGREGATORS) {
        issue(folder, aggregator, NEXT_VALIDITY);
      }
      issue(folder, RENEWED, NEXT_VALIDITY);
      Runs.await(consortium, () -> everyReplacementIsSeen(consortium));
      Runs.await(consortium, () -> seconds(consortium.agentMetrics(FORGOTTEN), "kafka") < 0);

      assertThat(consortium.role("broker").stop()).as("the broker stops by itself").isTrue();
      Runs.restartBroker(consortium);
      awaitMore(consortium, RENEWED);
      breakTheLinks(consortium);
      awaitMore(consortium, RENEWED);
      theForgottenWaits(consortium);
      issue(folder, FORGOTTEN, NEXT_VALIDITY);
      awaitMore(consortium, FORGOTTEN);

      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      for (String aggregator : Consortium.AGGREGATORS) {
        Metrics metrics = Runs.metrics(() -> consortium.aggregatorMetrics(aggregator));
        assertThat(metrics.sum(FAULTS, "reason=\"CDT-551\""))
            .as("peers that have shown %s an expired certificate", aggregator)
            .isZero();
      }
      CheckReport report = Runs.checked(folder);
      Runs.requireOracles(report, PAYMENTS);
      assertThat(report.alerts()).isPositive();
    }
  }

  /** Writes a new certificate and key over those of a party, as its operator would. */
  private static void issue(Path folder, String party, Duration validity) throws IOException {
    Certificates authority =
        Certificates.of(
            Files.readString(folder.resolve("ca.crt")),
            Files.readString(folder.resolve("ca/ca.key")));
    Certificates.Issued issued = authority.issue(party, validity);
    Path own = folder.resolve(party);
    Files.writeString(own.resolve("tls.crt"), issued.certificatePem());
    // Over the old key, whose permissions stay.
    Files.writeString(own.resolve("tls.key"), issued.keyPem());
  }

  /** Whether the processes' metrics tell of the new certificates, of which nothing is shown yet. */
  private static boolean everyReplacementIsSeen(Consortium consortium) {
    boolean seen = isNext(consortium.agentMetrics(RENEWED), "kafka");
    for (String aggregator : Consortium.AGGREGATORS) {
      Optional<Metrics> metrics = consortium.aggregatorMetrics(aggregator);
      seen &= isNext(metrics, "kafka") && isNext(metrics, "peer");
    }
    return seen;
  }

  private static boolean isNext(Optional<Metrics> metrics, String use) {
    return seconds(metrics, use) > VALIDITY.toSeconds();
  }

  /** How long a process's certificate is valid yet; 0 while it doesn't answer. */
  private static double seconds(Optional<Metrics> metrics, String use) {
    String label = "use=\"" + use + "\"";
    return metrics.map(m -> m.sum("concordat_certificate_remaining_seconds", label)).orElse(0.0);
  }

  /** Lets a peer stand still until the others have given it up: its links are made anew. */
  private static void breakTheLinks(Consortium consortium) throws Exception {
    Role frozen = consortium.role(FROZEN);
    Runs.signal(frozen, "STOP");
    try {
      Runs.await(
          consortium, () -> linked(consortium, FIRST) == 0 && linked(consortium, SECOND) == 0);
    } finally {
      Runs.signal(frozen, "CONT");
    }
  }

  /** 1 while an aggregator has a link to the one that is frozen, or doesn't answer. */
  private static double linked(Consortium consortium, String aggregator) {
    return consortium
        .aggregatorMetrics(aggregator)
        .map(m -> m.sum("concordat_aggregator_peer_up", "peer=\"" + FROZEN + "\""))
        .orElse(1.0);
  }

  /** It is refused, which its log and metrics tell, and its payments stay with it. */
  private static void theForgottenWaits(Consortium consortium) throws Exception {
    Role refused = consortium.role(FORGOTTEN);
    Runs.await(
        consortium, () -> Files.readString(refused.log()).contains("SslAuthenticationException"));
    assertThat(Files.readString(refused.log())).contains("CDT-565");
    Runs.await(consortium, () -> connections(consortium) == 0);
    double accepted = accepted(consortium);
    double scored = scored(consortium, FORGOTTEN);
    awaitMore(consortium, RENEWED);
    assertThat(scored(consortium, FORGOTTEN)).as("scored of %s", FORGOTTEN).isEqualTo(scored);
    Runs.await(consortium, () -> accepted(consortium) > accepted);
    Runs.await(consortium, () -> seconds(consortium.agentMetrics(FORGOTTEN), "kafka") < 0);
  }

  /** Where there may be none; -1 while the agent doesn't answer. */
  private static double connections(Consortium consortium) {
    return consortium
        .agentMetrics(FORGOTTEN)
        .map(m -> m.sum("concordat_agent_brokers_connections", "use=\"cuts\""))
        .orElse(-1.0);
  }

  private static double accepted(Consortium consortium) {
    return Runs.metrics(() -> consortium.agentMetrics(FORGOTTEN))
        .sum("concordat_agent_rows_total", "outcome=\"accepted\"");
  }

  private static void awaitMore(Consortium consortium, String bank) {
    double before = scored(consortium, bank);
    Runs.await(consortium, () -> scored(consortium, bank) >= before + ROWS);
  }

  /** What an aggregator has scored of a bank's payments, as soon as it answers. */
  private static double scored(Consortium consortium, String bank) {
    return Runs.metrics(() -> consortium.aggregatorMetrics(FIRST))
        .sum("concordat_aggregator_rows_scored_total", "bank=\"" + bank + "\"");
  }
}
