package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator can do to a consortium by mistake: run an aggregator twice, lose what its topics
 * hold, leave a bank without brokers until its spool is full. Each is told under its code, payments
 * are scored again after each, and in the end the alerts are the oracle's.
 */
@ExtendWith(LossStays.class)
class FaultsIT {
  private static final long SEED = Long.getLong("concordat.seed", 20_261_129L);

  /** It leads the one partition, and calls both others. */
  private static final String LEADER = "agg-1";

  private static final String TWIN = "agg-1-twin";
  private static final String SECOND = "agg-2";
  private static final String THIRD = "agg-3";
  private static final String BANK = "bank-a";
  private static final String OTHER_BANK = "bank-b";
  private static final int TWIN_MEGABYTES = 1_024;

  private static final int PAYMENTS_AT_FIRST = 200;

  /** In blocks of so few rows more than a spool of the smallest size holds. */
  private static final int PAYMENTS_MEANWHILE = 20_000;

  /** Of a bank, when it goes away. */
  private static final int BLOCKS_UNDER_WAY = 5;

  private static final int BLOCK_ROWS = 16;
  private static final int SPOOL_BYTES = 4 << 20;

  /** Looks, one after the other, at which nothing more has been read. */
  private static final int STILL_LOOKS = 10;

  /** Looks at which nothing may have been scored, though there is something to score. */
  private static final int IDLE_LOOKS = 20;

  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  @TempDir private Path temp;

  @Test
  void anAggregatorThatIsBackTwiceOrWithoutItsTopicsLosesNothing() throws Exception {
    try (LinkedLoad load = LinkedLoad.create(temp.resolve("faults"), SEED)) {
      Runs.startAll(load.consortium());
      load.awaitMore();
      twoProcessesOfOneAggregator(load);
      votesAreGone(load);
      linksAreGone(load);
      votesAndStateAreGone(load);
      CheckReport report = load.requireOracles();
      assertThat(report.alertsByRule().keySet()).contains("ring", "passed", "spent-at-once");
      // After the check, which reads them.
      cutsAreGone(load);
      cutsOfBlocksUnderWayAreGone(load);
    }
  }

  /**
   * A copy of the leader's configuration is started beside it: the peers let the later process in
   * alone, and each batch is committed once. Then the later one stands still until an even later
   * one has its place, and goes on as a zombie.
   */
  private static void twoProcessesOfOneAggregator(LinkedLoad load) throws Exception {
    Consortium consortium = load.consortium();
    Role first = consortium.role(LEADER);
    int firstPort = consortium.aggregatorPort(LEADER);
    int twinPort = startTwin(consortium);
    for (String peer : List.of(SECOND, THIRD)) {
      load.await(
          () ->
              tells(consortium.role(peer), "peer=" + LEADER, "code=CDT-556")
                  && counts(
                      consortium.aggregatorPort(peer),
                      "concordat_aggregator_peer_faults_total",
                      "reason=\"CDT-556\""));
    }
    load.await(() -> tells(first, "code=CDT-564"));
    // What it had prepared before may be committed by either, and takes no longer than this.
    load.awaitMore();
    load.awaitMore();
    double ofFirst = committedRows(firstPort);
    double ofTwin = committedRows(twinPort);
    load.awaitMore();
    assertThat(committedRows(firstPort)).as("what the older process commits").isEqualTo(ofFirst);
    assertThat(committedRows(twinPort)).isGreaterThan(ofTwin);

    load.away(LEADER);
    assertThat(first.stop()).as("the older process stops by itself").isTrue();
    load.awaitMore();
    Role twin = consortium.role(TWIN);
    Runs.signal(twin, "STOP");
    try {
      first.restart();
      load.back(LEADER);
      load.awaitMore();
    } finally {
      Runs.signal(twin, "CONT");
    }
    load.await(() -> tells(twin, "code=CDT-564"));
    load.awaitMore();
    consortium.stop(TWIN);
    load.awaitMore();
    List<Long> batches =
        load.cuts().stream()
            .filter(cut -> cut.getAggregator().equals(LEADER))
            .map(CutRecord::getBatch)
            .toList();
    if (Set.copyOf(batches).size() < batches.size()) {
      throw new LossStays.Loss("%s has committed a batch twice: %s".formatted(LEADER, batches));
    }
  }

  /** Returns where it serves its metrics. */
  private static int startTwin(Consortium consortium) throws IOException {
    List<Integer> free = FreePorts.find(2, consortium.ports().all());
    Path own = consortium.folder().resolve(LEADER);
    Path copy = own.resolve("twin.yaml");
    Files.writeString(
        copy,
        Files.readString(own.resolve("aggregator.yaml"))
            .replaceFirst("(?m)^(listen: .*:)\\d+$", "$1" + free.getFirst())
            .replaceFirst("(?m)^(  port: )\\d+$", "$1" + free.getLast()));
    consortium.start(TWIN, TWIN_MEGABYTES, List.of("aggregator", "--config", copy.toString()));
    return free.getLast();
  }

  /** While nothing is under way they are needed for nothing; that they are gone is told. */
  private static void votesAreGone(LinkedLoad load) throws Exception {
    Role away = stopSettled(load, SECOND);
    String votes = load.topics().votes(SECOND);
    load.broker().deleteBefore(votes, Bus.END);
    startAgain(load, away);
    load.awaitMore();
    assertThat(tells(away, "CDT-620", votes)).isTrue();
    assertThat(
            counts(
                load.consortium().aggregatorPort(SECOND), "concordat_aggregator_votes_lost_total"))
        .isTrue();
  }

  /** Without what it remembers an aggregator doesn't start; it goes on once it has it back. */
  private static void linksAreGone(LinkedLoad load) throws Exception {
    Role away = stopSettled(load, SECOND);
    String links = load.topics().links(SECOND);
    List<ConsumerRecord<byte[], byte[]>> lost = load.broker().committed(Set.of(links));
    load.broker().deleteBefore(links, Bus.END);
    away.restart();
    Awaitility.await().atMost(PATIENCE).until(() -> !away.isAlive());
    assertThat(away.exitValue()).isEqualTo(1);
    assertThat(tells(away, "CDT-621", links)).isTrue();
    giveBack(load, SECOND, lost);
    startAgain(load, away);
    load.awaitMore();
  }

  /**
   * An aggregator that stands at the beginning again, and the others, say so; they wait for each
   * other, and score nothing, until it has its state back.
   */
  private static void votesAndStateAreGone(LinkedLoad load) throws Exception {
    Role away = stopSettled(load, THIRD);
    Topics topics = load.topics();
    String state = topics.state(THIRD);
    ConsumerRecord<byte[], byte[]> last = load.broker().committed(Set.of(state)).getLast();
    double scored = load.scored();
    load.broker().deleteBefore(topics.votes(THIRD), Bus.END);
    // Of topics that are compacted nothing can be deleted, and brokers take up a change later.
    load.broker().cleanUpBy(state, "delete");
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              load.broker().deleteBefore(state, Bus.END);
              return true;
            });
    load.broker().cleanUpBy(state, "compact");
    startAgain(load, away);
    Consortium consortium = load.consortium();
    int leaderPort = consortium.aggregatorPort(LEADER);
    load.await(() -> tells(consortium.role(LEADER), "CDT-605", THIRD, "batch 0"));
    load.await(() -> tells(away, "CDT-605", LEADER));
    load.await(() -> counts(leaderPort, "concordat_aggregator_alarms_total", "code=\"CDT-605\""));
    load.await(() -> counts(leaderPort, "concordat_aggregator_uncommitted_rows"));
    assertThat(scoredMeanwhile(load)).as("scored without %s's state", THIRD).isEqualTo(scored);

    load.away(THIRD);
    assertThat(away.stop()).as("%s stops by itself", THIRD).isTrue();
    giveBack(load, THIRD, List.of(last));
    startAgain(load, away);
    load.awaitMore();
  }

  /** The most that was scored at some looks, while payments come; who doesn't answer has none. */
  private static double scoredMeanwhile(LinkedLoad load) {
    List<Double> looks = new ArrayList<>();
    load.await(() -> looks.add(load.scored()) && looks.size() >= IDLE_LOOKS);
    return Collections.max(looks);
  }

  /** A bank that was away misses what was committed meanwhile, says so, and goes on. */
  private static void cutsAreGone(LinkedLoad load) throws Exception {
    Role away = load.consortium().role(BANK);
    load.away(BANK);
    assertThat(away.stop()).as("%s stops by itself", BANK).isTrue();
    // These it has read, and nothing is under way: that they are gone with their marks is no loss.
    load.broker().deleteBefore(load.topics().alerts(BANK), Bus.END);
    load.awaitMore(List.of(OTHER_BANK));
    // It is to miss none.
    load.awaitAll(OTHER_BANK);
    String cuts = load.topics().cuts();
    load.broker().deleteBefore(cuts, Bus.END);
    startAgain(load, away);
    load.awaitMore(List.of(BANK));
    assertThat(tells(away, "CDT-394", cuts)).isTrue();
    assertThat(losesCuts(load.consortium())).isTrue();
    assertThat(
            counts(
                load.consortium().agentPort(BANK),
                "concordat_agent_records_lost_total",
                "topic=\"alerts\""))
        .isFalse();
  }

  /**
   * A bank was away while blocks that it had sent were scored, and can't know that any more: they
   * stay in its spool and are never counted. None is sent as a new one, whose rows would be scored
   * twice; what comes after them is scored.
   */
  private static void cutsOfBlocksUnderWayAreGone(LinkedLoad load) throws Exception {
    Consortium consortium = load.consortium();
    Role second = stopSettled(load, SECOND);
    long settled = load.paidByEach();
    long committed = rowsInCuts(load);
    load.await(() -> agent(consortium, "concordat_agent_spool_blocks") >= BLOCKS_UNDER_WAY);
    load.awaitAtRest(
        () ->
            agent(consortium, "concordat_agent_rows_total", "outcome=\"accepted\"")
                == load.paidByEach());
    long rows = load.paidByEach() - settled;
    double blocks =
        Runs.metrics(() -> consortium.agentMetrics(BANK)).sum("concordat_agent_spool_blocks");
    Role away = consortium.role(BANK);
    load.away(BANK);
    assertThat(away.stop()).as("%s stops by itself", BANK).isTrue();
    startAgain(load, second);
    // By all: two that come later would tell the bank.
    long everywhere = committed + Consortium.AGGREGATORS.size() * rows;
    load.await(() -> rowsInCuts(load) == everywhere);
    load.awaitAll(OTHER_BANK);
    load.broker().deleteBefore(load.topics().cuts(), Bus.END);

    startAgain(load, away);
    awaitAllBut(load, rows, blocks);
    assertThat(losesCuts(consortium)).isTrue();
    load.away(BANK);
    assertThat(away.stop()).as("%s stops by itself", BANK).isTrue();
    startAgain(load, away);
    awaitAllBut(load, rows, blocks);
    assertThat(losesCuts(consortium)).as("what is lost is told once").isFalse();
  }

  /** Waits until more of the bank's payments are scored, and then all but some, which it keeps. */
  private static void awaitAllBut(LinkedLoad load, long rows, double blocks) {
    Consortium consortium = load.consortium();
    load.awaitMore(List.of(BANK));
    load.awaitAtRest(
        () ->
            isScored(consortium, load.paidByEach() - rows)
                && agent(consortium, "concordat_agent_spool_blocks") == blocks);
  }

  /** The bank's rows in all cuts of all aggregators that are there. */
  private static long rowsInCuts(LinkedLoad load) {
    return load.cuts().stream()
        .flatMap(cut -> cut.getEntries().stream())
        .filter(entry -> entry.getBank().equals(BANK))
        .mapToLong(CutEntry::getRows)
        .sum();
  }

  /** Whether the bank has found so since its last start. */
  private static boolean losesCuts(Consortium consortium) {
    return Runs.metrics(() -> consortium.agentMetrics(BANK))
            .sum("concordat_agent_records_lost_total", "topic=\"cuts\"")
        > 0;
  }

  /** Stops an aggregator in order when nothing is under way. */
  private static Role stopSettled(LinkedLoad load, String name) throws Exception {
    load.settle();
    Role role = load.consortium().role(name);
    load.away(name);
    assertThat(role.stop()).as("%s stops by itself", name).isTrue();
    return role;
  }

  private static void startAgain(LinkedLoad load, Role role) throws IOException {
    role.restart();
    load.back(role.name());
  }

  /** Writes what an aggregator's own topic held once more, by its own rights. */
  private static void giveBack(
      LinkedLoad load, String name, List<ConsumerRecord<byte[], byte[]>> lost) throws Exception {
    Path config = load.consortium().folder().resolve(name).resolve("aggregator.yaml");
    try (var producer = Bus.of(config).producer()) {
      for (ConsumerRecord<byte[], byte[]> record : lost) {
        producer.send(new ProducerRecord<>(record.topic(), 0, record.key(), record.value())).get();
      }
    }
  }

  /** Whether one line of a process's log holds all of this. */
  private static boolean tells(Role role, String... parts) throws IOException {
    return Files.readAllLines(role.log()).stream()
        .anyMatch(line -> Stream.of(parts).allMatch(line::contains));
  }

  /** Whether a process counts any of this. */
  private static boolean counts(int port, String name, String... labels) {
    return Metrics.scrape(port).map(metrics -> metrics.sum(name, labels) > 0).orElse(false);
  }

  /** What a process has committed since its start. */
  private static double committedRows(int port) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> Metrics.scrape(port), Optional::isPresent)
        .orElseThrow()
        .sum("concordat_aggregator_rows_scored_total");
  }

  /**
   * A bank reads on while its broker is down, until its spool is full; it says so, waits, and loses
   * nothing.
   */
  @Test
  void aSpoolThatFillsWithoutABrokerLosesNothing() throws Exception {
    Path folder = temp.resolve("spool");
    int all = PAYMENTS_AT_FIRST + PAYMENTS_MEANWHILE;
    try (Consortium consortium = Runs.simulated(folder, 1, all, 0)) {
      Path payments = folder.resolve(BANK).resolve("payments.csv");
      List<String> lines = Files.readAllLines(payments);
      Files.write(payments, lines.subList(0, 1 + PAYMENTS_AT_FIRST));
      giveASmallSpool(consortium);
      Runs.startAll(consortium);
      Runs.await(consortium, () -> isScored(consortium, PAYMENTS_AT_FIRST));

      assertThat(consortium.role("broker").stop()).as("the broker stops by itself").isTrue();
      Files.write(
          payments, lines.subList(1 + PAYMENTS_AT_FIRST, lines.size()), StandardOpenOption.APPEND);
      await(() -> saysThatItIsFull(consortium));
      double accepted = readUntilItStops(consortium);
      assertThat(accepted).isBetween((double) PAYMENTS_AT_FIRST, all - 1.0);
      assertThat(agent(consortium, "concordat_agent_spool_fill_ratio")).isBetween(0.9, 1.0);
      assertThat(agent(consortium, "concordat_agent_ready")).isZero();
      assertThat(isScored(consortium, PAYMENTS_AT_FIRST)).isTrue();

      Runs.restartBroker(consortium);
      Runs.await(consortium, () -> isScored(consortium, all));
      assertThat(agent(consortium, "concordat_agent_ready")).isEqualTo(1);
      CheckReport report = Runs.checked(folder);
      Runs.requireOracles(report, all);
      assertThat(report.alerts()).isPositive();
    }
  }

  private static void giveASmallSpool(Consortium consortium) throws Exception {
    Path mapping = ShippedRules.folder("payments").resolve("mapping.yaml");
    consortium.configureAgent(BANK, new AgentInput(Path.of("payments.csv"), true, 0, mapping));
    Path config = consortium.folder().resolve(BANK).resolve("agent.yaml");
    Runs.awaitAllShares(config);
    Files.writeString(
        config,
        """
        blocks:
          rowsMax: %d
        limits:
          spoolBytesMax: %d
        """
            .formatted(BLOCK_ROWS, SPOOL_BYTES),
        StandardOpenOption.APPEND);
  }

  /** While the broker is down. */
  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).pollInterval(LOOK).until(condition);
  }

  private static boolean saysThatItIsFull(Consortium consortium) throws Exception {
    URI ready = URI.create("http://127.0.0.1:" + consortium.agentPort(BANK) + "/ready");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == 503 && response.body().contains("CDT-355");
    }
  }

  /** Gives what the agent has accepted once that hasn't grown for a while. */
  private static double readUntilItStops(Consortium consortium) throws Exception {
    double accepted = -1;
    int still = 0;
    while (still < STILL_LOOKS) {
      Thread.sleep(LOOK);
      double now = agent(consortium, "concordat_agent_rows_total", "outcome=\"accepted\"");
      still = now == accepted ? still + 1 : 0;
      accepted = now;
    }
    return accepted;
  }

  private static boolean isScored(Consortium consortium, long rows) {
    return agent(consortium, "concordat_agent_rows_scored_total") == rows;
  }

  private static double agent(Consortium consortium, String name, String... labels) {
    return consortium.agentMetrics(BANK).map(m -> m.sum(name, labels)).orElse(-1.0);
  }
}
