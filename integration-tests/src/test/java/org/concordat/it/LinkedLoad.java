package org.concordat.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;

/**
 * A test consortium of two banks whose payments are linked, which come for as long as a test waits
 * for something: load during whatever it does to the processes, and rest where it needs that.
 */
final class LinkedLoad implements AutoCloseable {
  static final int ACCOUNTS = 300;

  private static final int BANKS = 2;
  private static final int SECONDS_BETWEEN_MAX = 15;

  /** Of each bank, before anything is started. */
  private static final int ROWS_AT_FIRST = 20;

  /** Of each bank, each time that a test looks whether what it waits for has come. */
  private static final int ROWS_A_LOOK = 3;

  /** So many that are scored show that a bank goes on. */
  private static final int ROWS = 40;

  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Consortium consortium;
  private final Topics topics;
  private final Bus broker;
  private final Map<String, LinkedPayments> payments = new LinkedHashMap<>();

  /** Processes that needn't run now. */
  private final Set<String> away = new HashSet<>();

  private long paid;

  private LinkedLoad(Consortium consortium, Topics topics, Bus broker) {
    this.consortium = consortium;
    this.topics = topics;
    this.broker = broker;
  }

  /** Starts nothing. */
  static LinkedLoad create(Path folder, long seed) throws Exception {
    Path home = Path.of(System.getProperty("concordat.home"));
    Path rules = home.resolve("aggregator/src/test/resources/rulesets/linked");
    Consortium consortium = Consortium.create(folder, ConsortiumFolder.bankNames(BANKS), 1, rules);
    Charter charter = Charter.read(folder.resolve("charter.yaml"), new Problems()).orElseThrow();
    Bus broker = Bus.of(folder.resolve("broker/broker.yaml"));
    var load = new LinkedLoad(consortium, charter.topics(""), broker);
    for (String bank : consortium.banks()) {
      load.payments.put(bank, new LinkedPayments(bank, seed, ACCOUNTS, SECONDS_BETWEEN_MAX));
      Files.writeString(load.file(bank), LinkedPayments.COLUMNS + "\n");
      consortium.configureAgent(
          bank, new AgentInput(Path.of("payments.csv"), true, 0, rules.resolve("mapping.yaml")));
      Runs.awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
    }
    load.pay(ROWS_AT_FIRST);
    return load;
  }

  Consortium consortium() {
    return consortium;
  }

  Topics topics() {
    return topics;
  }

  /** The broker under its own name, which may do everything. */
  Bus broker() {
    return broker;
  }

  private Path file(String bank) {
    return consortium.folder().resolve(bank).resolve("payments.csv");
  }

  /** More payments of each bank. */
  private void pay(int rows) throws IOException {
    for (var bank : payments.entrySet()) {
      String lines = String.join("\n", bank.getValue().next(rows)) + "\n";
      Files.writeString(file(bank.getKey()), lines, StandardOpenOption.APPEND);
      paid += rows;
    }
  }

  /** Lets a process be down from now on. */
  void away(String name) {
    away.add(name);
  }

  /** A process has to run again. */
  void back(String name) {
    away.remove(name);
  }

  /** Waits for something that has to come, while payments do. */
  void await(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .until(
            () -> {
              requireAlive();
              pay(ROWS_A_LOOK);
              return condition.call();
            });
  }

  private void requireAlive() {
    for (Role role : consortium.roles()) {
      if (!away.contains(role.name()) && !role.isAlive()) {
        throw role.ended();
      }
    }
  }

  /** Waits until more of every bank's payments are scored. */
  void awaitMore() {
    awaitMore(consortium.banks());
  }

  /** As above, of some banks. */
  void awaitMore(List<String> banks) {
    Map<String, Double> wanted = new HashMap<>();
    await(
        () -> {
          boolean more = true;
          for (String bank : banks) {
            Optional<Double> now = scored(bank);
            more &=
                now.isPresent() && now.get() >= wanted.computeIfAbsent(bank, b -> now.get() + ROWS);
          }
          return more;
        });
  }

  /** What the banks whose agents answer know to be scored. */
  double scored() {
    return consortium.banks().stream().mapToDouble(bank -> scored(bank).orElse(0.0)).sum();
  }

  private Optional<Double> scored(String bank) {
    return consortium
        .agentMetrics(bank)
        .map(metrics -> metrics.sum("concordat_agent_rows_scored_total"));
  }

  /** How many payments each bank has had. */
  long paidByEach() {
    return paid / BANKS;
  }

  /** Waits for something that has to come, while no more payments do. */
  void awaitAtRest(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(LOOK)
        .until(
            () -> {
              requireAlive();
              return condition.call();
            });
  }

  /** Waits, while no more payments come, until a bank knows all of its own to be scored. */
  void awaitAll(String bank) {
    awaitAtRest(() -> scored(bank).filter(now -> now == paidByEach()).isPresent());
  }

  /** Waits, while no more payments come, until every aggregator has committed all that came. */
  void settle() {
    awaitAtRest(() -> scored() == paid && allStandAlike());
  }

  private boolean allStandAlike() {
    Map<String, Long> last = new HashMap<>();
    for (CutRecord cut : cuts()) {
      last.merge(cut.getAggregator(), cut.getBatch(), Math::max);
    }
    return last.size() == Consortium.AGGREGATORS.size()
        && last.values().stream().distinct().count() == 1;
  }

  /** What every aggregator has committed. */
  List<CutRecord> cuts() {
    return broker.committed(Set.of(topics.cuts())).stream()
        .map(ConsumerRecord::value)
        .map(cut -> RecordCodec.decode(CutRecord.class, cut))
        .toList();
  }

  /** Holds everything that came against the oracle. */
  CheckReport requireOracles() throws Exception {
    settle();
    CheckReport report = Runs.checked(consortium.folder());
    Runs.requireOracles(report, paid);
    return report;
  }

  @Override
  public void close() throws InterruptedException {
    consortium.close();
  }
}
