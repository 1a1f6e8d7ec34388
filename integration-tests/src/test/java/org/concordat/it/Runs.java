package org.concordat.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Metrics;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.RuleSet;

/** Runs of consortia that several tests need. */
final class Runs {
  private static final long POLL_MILLIS = 200;

  /** So often in a row nothing has moved when all is complete: two seconds, as in the demo. */
  private static final int QUIET_POLLS = 10;

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /** Longer than any stop of an aggregator here lasts: alerts wait for its share. */
  private static final long ALERT_WAIT_MILLIS = 120_000;

  /** Some alerts are still on their way when all rows are scored. */
  private static final int CHECKS_MAX = 21;

  private static final long CHECK_MILLIS = 3_000;

  /** Of blocks and cuts, instead of 5 ms. */
  private static final long PAUSE_MILLIS = 100;

  private Runs() {}

  /** A folder with all that it holds, to where nothing is yet. */
  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** A test consortium on simulated payments; nothing is started. */
  static Consortium simulated(Path folder, int banks, long payments, int ratePerBank)
      throws Exception {
    return simulated(
        folder, banks, payments, ratePerBank, 1, ConsortiumPlan.FLAGS_PER_BANK_AND_DAY);
  }

  /** As above, with the charter's cap on flags per rule, bank and day. */
  static Consortium simulated(
      Path folder, int banks, long payments, int ratePerBank, int partitions, int flags)
      throws Exception {
    return simulated(
        folder, banks, payments, ratePerBank, partitions, flags, ShippedRules.folder("payments"));
  }

  /** As above, with other rules over the same payments. */
  static Consortium simulated(
      Path folder, int banks, long payments, int ratePerBank, int partitions, int flags, Path rules)
      throws Exception {
    Consortium consortium =
        Consortium.create(folder, ConsortiumFolder.bankNames(banks), partitions, rules, flags);
    PaymentSimulator.writeFiles(
        7, banks, payments, bank -> folder.resolve(bank).resolve("payments.csv"));
    for (String bank : consortium.banks()) {
      consortium.configureAgent(
          bank,
          new AgentInput(
              Path.of("payments.csv"), false, ratePerBank, rules.resolve("mapping.yaml")));
      awaitAllShares(folder.resolve(bank).resolve("agent.yaml"));
    }
    return consortium;
  }

  /** What is delivered after {@code waitMillis} without the third share is rightly unverified. */
  static void awaitAllShares(Path config) throws Exception {
    String text = Files.readString(config);
    String waiting = text.replaceFirst("waitMillis: [0-9]+", "waitMillis: " + ALERT_WAIT_MILLIS);
    if (waiting.equals(text)) {
      throw new AssertionError("the configuration has no section of alerts");
    }
    Files.writeString(config, waiting);
  }

  /** How many payments of a bank are in its file. */
  static long payments(Consortium consortium, String bank) throws IOException {
    Path file = consortium.folder().resolve(bank).resolve("payments.csv");
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count() - 1;
    }
  }

  /** More payments in a bank's file: its first one again, under other references. */
  static void append(Path file, int payments) throws IOException {
    // Some files hold bad bytes too: Latin-1 reads any.
    List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    var text = new StringBuilder();
    for (int i = 0; i < payments; i++) {
      String reference = "later-" + (lines.size() + i);
      text.append(lines.get(1).replaceFirst("^[^,]*", reference)).append('\n');
    }
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  /**
   * Lets blocks and cuts wait for more rows, before any process is started. At some hundred rows a
   * second almost every row is a block of its own else, and with all processes on two processors
   * they leave no time for one that starts.
   */
  static void largerBlocks(Consortium consortium) throws Exception {
    for (String bank : consortium.banks()) {
      Path config = consortium.folder().resolve(bank).resolve("agent.yaml");
      String blocks = "blocks:\n  lingerMillis: " + PAUSE_MILLIS + "\n";
      Files.writeString(config, Files.readString(config) + blocks);
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      Path config = consortium.folder().resolve(aggregator).resolve("aggregator.yaml");
      String text = Files.readString(config);
      String batch = "batch:\n  intervalMillis: " + PAUSE_MILLIS + "\n";
      if (!text.contains("batch:\n")) {
        throw new AssertionError("the configuration has no section of batches");
      }
      Files.writeString(config, text.replaceFirst("batch:\n", batch));
    }
  }

  static void startAll(Consortium consortium) throws Exception {
    consortium.startBroker();
    consortium.startAggregators();
    consortium.startAgents();
  }

  /** Starts a broker again that has ended; returns when clients can use its topics. */
  static void restartBroker(Consortium consortium) throws Exception {
    Files.deleteIfExists(consortium.folder().resolve("broker/ready"));
    consortium.role("broker").restart();
    consortium.awaitBroker();
  }

  /** Sends a process a signal, such as STOP. */
  static void signal(Role role, String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(role.pid())).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError(role.name() + " can't be sent the signal " + name);
    }
  }

  /** Waits for something that has to come, while every process runs. */
  static void await(Consortium consortium, Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(POLL_MILLIS))
        .until(
            () -> {
              consortium.requireAlive();
              return condition.call();
            });
  }

  /** What a process says on a page that may not come in time while the machine is busy. */
  static Metrics metrics(Callable<Optional<Metrics>> page) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(POLL_MILLIS))
        .until(page, Optional::isPresent)
        .orElseThrow();
  }

  /** As above, of a process that has to run. */
  static Metrics metrics(Role process, Callable<Optional<Metrics>> page) {
    return metrics(
        () -> {
          if (!process.isAlive()) {
            throw process.ended();
          }
          return page.call();
        });
  }

  /**
   * Waits until every agent and aggregator answers: a process that isn't up yet can't stop cleanly.
   */
  static void awaitUp(Consortium consortium, long secondsMax) throws Exception {
    long end = System.nanoTime() + secondsMax * 1_000_000_000L;
    while (!consortium.banks().stream().allMatch(b -> consortium.agentMetrics(b).isPresent())
        || !Consortium.AGGREGATORS.stream()
            .allMatch(a -> consortium.aggregatorMetrics(a).isPresent())) {
      consortium.requireAlive();
      if (System.nanoTime() > end) {
        throw new AssertionError("not up after " + secondsMax + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /** Waits until every row is scored, no alert waits for shares and none has come for a while. */
  static void awaitComplete(Consortium consortium, long secondsMax) throws Exception {
    long end = System.nanoTime() + secondsMax * 1_000_000_000L;
    Progress last = Progress.NONE;
    int quiet = 0;
    while (quiet < QUIET_POLLS) {
      consortium.requireAlive();
      Progress now = Progress.of(consortium);
      boolean moves =
          !now.complete() || !now.equals(last) || Progress.alertsPending(consortium) > 0;
      quiet = moves ? 0 : quiet + 1;
      last = now;
      if (System.nanoTime() > end) {
        throw new AssertionError("not complete after " + secondsMax + " s: " + now);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Ends all processes, the broker at once when the others have ended in order: how it stops itself
   * is held by {@link MembersIT}, and takes a second or two in which nothing else happens.
   */
  static void end(Consortium consortium) throws InterruptedException {
    Predicate<Role> isBroker = role -> role.name().equals("broker");
    List<Role> running = consortium.roles().stream().filter(Role::isAlive).toList();
    try {
      consortium.stop(running.stream().filter(isBroker.negate()).map(Role::name).toList());
      for (Role broker : running.stream().filter(isBroker).toList()) {
        broker.kill();
      }
    } finally {
      // Nobody is left but where one of them didn't end in order.
      consortium.close();
    }
  }

  /** As below, of rules without secret weights. */
  static CheckReport checked(Path folder) throws Exception {
    return checked(folder, ruleSet -> Map.of());
  }

  /**
   * What a check finds once no alert is missing, or once they had a minute to come.
   *
   * @param models gives the values of a rule set's secret models, by rule
   */
  static CheckReport checked(Path folder, Function<RuleSet, Map<String, long[]>> models)
      throws Exception {
    CheckReport report = OracleCheck.run(folder, models);
    for (int checks = 1; checks < CHECKS_MAX && report.missing() > 0; checks++) {
      Thread.sleep(CHECK_MILLIS);
      report = OracleCheck.run(folder, models);
    }
    return report;
  }

  /**
   * Holds what a check found against what it has to find.
   *
   * @param rows that have to be scored
   * @throws LossStays.Loss it isn't that; no second try of the test changes it
   */
  static void requireOracles(CheckReport report, long rows) {
    if (!report.holds() || report.scored() != rows) {
      throw new LossStays.Loss("%d rows were to be scored: %s".formatted(rows, report));
    }
  }

  /** Runs a command as a process of its own and gives what it printed. */
  static List<String> command(Path log, int exitExpected, String... args) throws Exception {
    Role role = Role.start("command", 2_048, log, List.of(args));
    while (role.isAlive()) {
      Thread.sleep(POLL_MILLIS);
    }
    List<String> lines = Files.readAllLines(log);
    if (role.exitValue() != exitExpected) {
      throw new AssertionError(
          "exit status " + role.exitValue() + ":\n" + String.join("\n", lines));
    }
    return lines;
  }
}
