package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a consortium that meets one fault after another: each panel of each
 * dashboard shows something that moves, and each alert rule fires and clears but for those whose
 * faults aren't brought about.
 */
class DashboardsIT {
  /** Their values are facts of a configuration, not of what happens. */
  private static final Set<String> CONSTANT = Set.of("Rule set", "Suite finds cheating");

  /** Only who may mount can have a small disk; else promtool's tests show it alone. */
  private static final String DISK_ALERT = "ConcordatDiskNearlyFull";

  /**
   * What a party would have to be restored, doubled or dishonest for, or fed for days, or what
   * would need another clock, quota, retention, rule set, source or sink; promtool's tests show
   * them.
   */
  private static final Set<String> NOT_BROUGHT_ABOUT =
      Set.of(
          "ConcordatAggregatorAlarm",
          "ConcordatClockDoubted",
          "ConcordatClockOff",
          "ConcordatCutsLost",
          "ConcordatDeadLettersNearlyFull",
          "ConcordatHistoryNearlyFull",
          "ConcordatOldState",
          "ConcordatPublishThrottled",
          "ConcordatRowsGivenUp",
          "ConcordatSinkWaits",
          "ConcordatSnapshotOverdue",
          "ConcordatSourceWaits",
          "ConcordatSplitBrain",
          "ConcordatStoreNearlyFull",
          "ConcordatVotesLost");

  private static final Map<String, String> VARIABLES =
      Map.of("$bank", "bank-a", "$__rate_interval", "10s");

  private static final Duration WAIT = Duration.ofMinutes(4);
  private static final int CONNECTIONS = 40;
  private static final String LAG_SEEN =
      "max_over_time(sum(concordat_agent_consumer_lag_records{bank=\"bank-a\"})[1h:1s]) > 0";
  private static final int RATE_SEEN = 200;
  private static final int SPOOLED_FEW = 20;
  private static final int FREEZES_MAX = 8;
  private static final Duration FREEZE = Duration.ofSeconds(13);

  @TempDir private Path temp;

  private WatchedConsortium watched;
  private Consortium consortium;
  private PrometheusServer prometheus;
  private Topics topics;
  private Bus broker;
  private boolean faulty;

  @Test
  void everyPanelMovesAndEveryAlertFiresAndClears() throws Exception {
    Optional<Path> program = PrometheusServer.find();
    assumeTrue(
        program.isPresent(), "no prometheus: install it, or name promtool in CONCORDAT_PROMTOOL");
    Path folder = temp.resolve("consortium");
    watched = WatchedConsortium.create(folder);
    consortium = watched.consortium();
    Path config = watched.prometheusConfig(Files.createDirectory(temp.resolve("prometheus")));
    long begin = Instant.now().getEpochSecond();
    Optional<SmallDisk> smallDisk = watched.giveASmallDisk("bank-b");
    try (Consortium processes = consortium;
        var started = PrometheusServer.start(program.get(), config, config.getParent())) {
      assertThat(processes.roles()).isEmpty();
      prometheus = started;
      Awaitility.await().atMost(WAIT).until(prometheus::isUp);
      start();
      if (smallDisk.isPresent()) {
        fillADisk();
      }
      refuse();
      freeze();
      freezeABank();
      loseAnAggregator();
      loseTheBroker();
      mend();
      CommittedMetrics.areExportedBy(consortium);
      long end = Instant.now().getEpochSecond();
      everyAlertHasFiredAndCleared(begin, end, smallDisk.isPresent());
      everyPanelMoved(begin, end);
    } finally {
      if (smallDisk.isPresent()) {
        smallDisk.get().close();
      }
    }
  }

  private void fillADisk() throws Exception {
    Path filled = watched.fillTheDisk("bank-b");
    awaitFiring(DISK_ALERT);
    Files.delete(filled);
  }

  /** Agents before aggregators: nothing can be sealed yet. */
  private void start() throws Exception {
    consortium.startBroker();
    consortium.startAgent("bank-a");
    consortium.startAgent("bank-b");
    awaitFiring(
        "ConcordatSealingKeyMissing",
        "ConcordatAgentNotReady",
        "ConcordatCertificateExpires",
        "ConcordatProcessDown");
    consortium.startAggregators();
    await(() -> agent("concordat_agent_rows_scored_total") > 0);
    Path folder = consortium.folder();
    var charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    topics = charter.topics("");
    broker = Bus.of(folder.resolve("broker/broker.yaml"));
    awaitFiring("ConcordatAlertsUnverified", "ConcordatAlertIncident", "ConcordatRowsRefused");
  }

  /** A bank that sends what can't be used, strangers at an aggregator's door. */
  private void refuse() throws Exception {
    Path folder = consortium.folder();
    Path own = folder.resolve("bank-c");
    var charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    var plan = RuleSet.load(folder.resolve("rules")).plan();
    try (var played =
        new PlayedBank(charter, "bank-c", plan, own, Bus.of(own.resolve("agent.yaml")), broker)) {
      var sessions = played.open(1);
      var others = played.open(2);
      played.publish(sessions);
      played.publish(others);
      List<byte[]> one = PlayedBank.encode(played.seal(sessions, 0));
      List<byte[]> other = PlayedBank.encode(played.seal(others, 0));
      played.send(0, one.get(0));
      played.send(1, other.get(1));
      played.send(2, other.get(2));
      played.send(0, new byte[] {1, 2, 3});
      awaitFiring("ConcordatHeadersDiffer", "ConcordatBlocksRefused", "ConcordatBlocksSkipped");
    }
    int port = peerPort("agg-1");
    assertThat(Strangers.letsIn(port, Strangers.foreign("agg-2"))).isFalse();
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }
    awaitFiring("ConcordatPeerRefused", "ConcordatFlagsNearCap", "ConcordatFlagsHeld");
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private int peerPort(String aggregator) throws IOException {
    String config =
        Files.readString(consortium.folder().resolve(aggregator).resolve("aggregator.yaml"));
    return Integer.parseInt(config.replaceFirst("(?s).*listen: localhost:(\\d+).*", "$1"));
  }

  /** A party that stands still, again and again: attempts are given up, then its links. */
  private void freeze() throws Exception {
    double sessions = aggregator("concordat_aggregator_peer_sessions_total");
    Role frozen = consortium.role("agg-3");
    // Once at least: blocks in dispute have had attempts given up before.
    for (int i = 0;
        i == 0 || (i < FREEZES_MAX && !firing().contains("ConcordatAttemptsAbandoned"));
        i++) {
      await(() -> aggregator("concordat_aggregator_peer_session_up") == 1);
      Runs.signal(frozen, "STOP");
      try {
        // Not for something to happen: for as long as the fault is to last.
        Thread.sleep(FREEZE);
      } finally {
        Runs.signal(frozen, "CONT");
      }
    }
    awaitFiring("ConcordatAttemptsAbandoned");
    await(() -> aggregator("concordat_aggregator_peer_sessions_total") > sessions);
  }

  /** A bank that stands still finds more on the bus than it reads at once. */
  private void freezeABank() throws Exception {
    Role frozen = consortium.role("bank-a");
    for (int i = 0; i < FREEZES_MAX && prometheus.query(LAG_SEEN).isEmpty(); i++) {
      Runs.signal(frozen, "STOP");
      try {
        // For as long as the fault is to last, as above; longer where few cuts were made meanwhile.
        Thread.sleep(FREEZE.multipliedBy(1 + i));
      } finally {
        Runs.signal(frozen, "CONT");
      }
      double scored = agent("concordat_agent_rows_scored_total");
      await(() -> agent("concordat_agent_rows_scored_total") > scored + RATE_SEEN);
    }
  }

  /**
   * An aggregator is away, a block is lost for it, and alert shares are lost for a bank that is
   * away.
   */
  private void loseAnAggregator() throws Exception {
    Role away = consortium.role("agg-3");
    loseABlock(away);
    awaitFiring(
        "ConcordatProcessDown",
        "ConcordatPeerDown",
        "ConcordatPeerHoldsUp",
        "ConcordatAggregatorNotReady",
        "ConcordatSpoolNearlyFull",
        "ConcordatConsumerLag",
        "ConcordatRowsNotScored",
        "ConcordatPromiseBurnsFast",
        "ConcordatPromiseBurnsSlowly");
    Role bank = consortium.role("bank-a");
    assertThat(bank.stop()).isTrue();
    long alerts = lastOffset(topics.alerts("bank-a"));
    away.restart();
    awaitFiring("ConcordatBlocksLost");
    await(() -> lastOffset(topics.alerts("bank-a")) > alerts + 12);
    broker.deleteBefore(topics.alerts("bank-a"), alerts + 6);
    watched.letAlertsWait();
    bank.restart();
    awaitFiring("ConcordatAlertsLost");
    await(() -> agent("concordat_agent_alerts_missing_total") > 0);
    await(() -> agent("concordat_agent_rows_resubmitted_total") > 0);
    // Once more: the first value of a counter is no growth.
    double receipts = agent("concordat_agent_receipts_total");
    loseABlock(away);
    away.restart();
    await(() -> agent("concordat_agent_receipts_total") > receipts);
    faulty = false;
  }

  /** An aggregator stops, and a block that comes meanwhile is deleted. */
  private void loseABlock(Role away) throws Exception {
    assertThat(away.stop()).isTrue();
    faulty = true;
    String shares = topics.shares("bank-a", away.name());
    long end = lastOffset(shares) + 1;
    await(() -> lastOffset(shares) > end + 1);
    broker.deleteBefore(shares, end + 1);
  }

  private long lastOffset(String topic) {
    var records = broker.read(Set.of(topic));
    return records.isEmpty() ? -1 : records.getLast().offset();
  }

  private void loseTheBroker() throws Exception {
    // With a full spool there is nothing to publish, and nothing that waits for the broker.
    await(() -> agent("concordat_agent_spool_blocks") < SPOOLED_FEW);
    Role role = consortium.role("broker");
    assertThat(role.stop()).isTrue();
    faulty = true;
    Files.deleteIfExists(consortium.folder().resolve("broker/ready"));
    awaitFiring("ConcordatBrokersUnreachable");
    await(() -> agent("concordat_agent_publish_waiting") == 1);
    role.restart();
    consortium.awaitBroker();
    faulty = false;
  }

  /** Everything is right again, all rows are scored, nothing comes any more. */
  private void mend() throws Exception {
    watched.restoreTheCertificate("bank-b");
    for (String name : List.of("bank-a", "bank-b")) {
      watched.liftTheRate(name);
      Role bank = consortium.role(name);
      assertThat(bank.stop()).isTrue();
      bank.restart();
    }
    await(
        () ->
            Stream.of("bank-a", "bank-b")
                .allMatch(
                    b ->
                        agent(b, "concordat_agent_source_finished") == 1
                            && agent(b, "concordat_agent_spool_blocks") == 0));
    await(() -> firing().isEmpty());
  }

  private void await(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              if (!faulty) {
                consortium.requireAlive();
              }
              return condition.call();
            });
  }

  private double agent(String name) {
    return agent("bank-a", name);
  }

  private double agent(String bank, String name) {
    return Runs.metrics(() -> consortium.agentMetrics(bank)).sum(name);
  }

  private double aggregator(String name) {
    return Runs.metrics(() -> consortium.aggregatorMetrics("agg-1")).sum(name);
  }

  private void awaitFiring(String... alerts) {
    Set<String> missing = new TreeSet<>(List.of(alerts));
    Awaitility.await()
        .atMost(WAIT)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              missing.removeAll(firing());
              assertThat(missing).as("alerts that don't fire").isEmpty();
            });
  }

  private Set<String> firing() throws IOException, InterruptedException {
    Set<String> names = new HashSet<>();
    for (JsonNode series : prometheus.query("ALERTS{alertstate=\"firing\"}")) {
      names.add(series.path("metric").path("alertname").asText());
    }
    return names;
  }

  private void everyAlertHasFiredAndCleared(long begin, long end, boolean smallDisk)
      throws Exception {
    Set<String> expected = new TreeSet<>();
    try (Stream<Path> files = Files.list(WatchedConsortium.home().resolve("ops/alerts"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).toList()) {
        for (JsonNode name :
            new ObjectMapper(new YAMLFactory()).readTree(file.toFile()).findValues("alert")) {
          expected.add(name.asText());
        }
      }
    }
    if (!smallDisk) {
      expected.remove(DISK_ALERT);
    }
    expected.removeAll(NOT_BROUGHT_ABOUT);
    Set<String> fired = new TreeSet<>();
    for (JsonNode series : prometheus.queryRange("ALERTS{alertstate=\"firing\"}", begin, end)) {
      fired.add(series.path("metric").path("alertname").asText());
    }
    fired.removeAll(NOT_BROUGHT_ABOUT);
    assertThat(fired).isEqualTo(expected);
    assertThat(firing()).as("alerts that still fire").isEmpty();
  }

  private void everyPanelMoved(long begin, long end) throws Exception {
    Map<String, String> silent = new LinkedHashMap<>();
    Set<String> still = new TreeSet<>();
    try (Stream<Path> files = Files.list(WatchedConsortium.home().resolve("ops/dashboards"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        for (JsonNode panel : new ObjectMapper().readTree(file.toFile()).path("panels")) {
          boolean moved = panel.path("type").asText().equals("row");
          for (JsonNode target : panel.path("targets")) {
            boolean answered = false;
            for (String expr : filled(target.path("expr").asText())) {
              JsonNode series = prometheus.queryRange(expr, begin, end);
              answered |= !series.isEmpty();
              moved |= moves(series);
            }
            if (!answered) {
              silent.put(target.path("expr").asText(), file.getFileName().toString());
            }
          }
          if (!moved) {
            still.add(panel.path("title").asText());
          }
        }
      }
    }
    assertThat(silent).as("queries that nothing answers").isEmpty();
    assertThat(still).as("panels that don't move").isEqualTo(CONSTANT);
  }

  /** For each aggregator that may be chosen: what only a leader sees is seen at one of them. */
  private static Set<String> filled(String expr) {
    Set<String> filled = new TreeSet<>();
    for (String aggregator : Consortium.AGGREGATORS) {
      String text = expr.replace("$aggregator", aggregator);
      for (var variable : VARIABLES.entrySet()) {
        text = text.replace(variable.getKey(), variable.getValue());
      }
      filled.add(WatchedConsortium.shortened(text));
    }
    return filled;
  }

  private static boolean moves(JsonNode allSeries) {
    for (JsonNode series : allSeries) {
      Set<String> values = new HashSet<>();
      for (JsonNode sample : series.path("values")) {
        if (!sample.path(1).asText().equals("NaN")) {
          values.add(sample.path(1).asText());
        }
      }
      if (values.size() > 1) {
        return true;
      }
    }
    return false;
  }
}
