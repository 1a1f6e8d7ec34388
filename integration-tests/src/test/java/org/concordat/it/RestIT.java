package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.concordat.agent.store.JournalReader;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumFolder.RestInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Payments over REST, one by one and in batches, while the broker is stopped and the agent killed:
 * every payment that was answered 202 is scored exactly once, and the alerts are the oracle's.
 *
 * <p>With {@code -Dconcordat.it.load=full} as large as the project promises; else small enough for
 * every build. Rates are printed and not required: they are the machine's, see {@code bench.md}.
 */
@ExtendWith(LossStays.class)
class RestIT {
  private static final String BANK = "bank-a";
  private static final boolean FULL =
      System.getProperty("concordat.it.load", "short").equals("full");
  private static final int SINGLES = FULL ? 150_000 : 1_000;
  private static final int SINGLE_CONNECTIONS = 128;
  private static final int BATCHED = FULL ? 1_500_000 : 8_000;
  private static final int BATCH = 1_000;
  private static final int BATCH_CONNECTIONS = 8;

  /** What is sent while others are stopped and killed: all the time, and no more than it takes. */
  private static final int STEADY_BATCH = FULL ? 100 : 5;

  private static final long STEADY_PAUSE_MILLIS = FULL ? 20 : 100;
  private static final int KILLS = FULL ? 20 : 2;
  private static final Duration BROKER_STOP = Duration.ofSeconds(FULL ? 60 : 3);
  private static final long PAUSE_MILLIS = 1_500;
  private static final long UP_SECONDS = 120;
  private static final Duration COMPLETE = Duration.ofMinutes(FULL ? 20 : 5);

  @TempDir private Path temp;

  @Test
  void whatIsAnsweredIsScoredExactlyOnce() throws Exception {
    Path folder = temp.resolve("rest");
    Path rules = ShippedRules.folder("payments");
    try (Consortium consortium = Consortium.create(folder, List.of(BANK), 1, rules);
        RestLoad load = new RestLoad(folder.resolve(BANK), templates(folder, rules))) {
      consortium.configureAgent(BANK, new RestInput(rules.resolve("mapping.yaml")));
      Runs.awaitAllShares(folder.resolve(BANK).resolve("agent.yaml"));
      if (!FULL) {
        Runs.largerBlocks(consortium);
      }
      Runs.startAll(consortium);
      Runs.awaitUp(consortium, UP_SECONDS);
      if (FULL) {
        // So that nothing is measured that a process does once.
        load.run(SINGLE_CONNECTIONS, 1, SINGLES / 10, 0);
        load.run(BATCH_CONNECTIONS, BATCH, BATCHED / 10, 0);
      }
      double singles = load.run(SINGLE_CONNECTIONS, 1, SINGLES, 0);
      double batched = load.run(BATCH_CONNECTIONS, BATCH, BATCHED, 0);
      System.out.printf("REST: %.0f requests/s, %.0f payments/s in batches%n", singles, batched);
      stopAndKill(consortium, load);
      System.out.println("REST: sent again: " + load.again);
      awaitComplete(consortium);
      requireAccepted(folder.resolve(BANK), load);
      check(consortium, load, rules);
      Runs.end(consortium);
    }
  }

  /** Singles and batches go on while the broker stops for a while and the agent is killed. */
  private static void stopAndKill(Consortium consortium, RestLoad load) throws Exception {
    var over = new java.util.concurrent.atomic.AtomicBoolean();
    CompletableFuture<Void> sending =
        CompletableFuture.allOf(
            CompletableFuture.runAsync(() -> keepSending(load, 16, 1, over)),
            CompletableFuture.runAsync(() -> keepSending(load, 4, STEADY_BATCH, over)));
    Role broker = consortium.role("broker");
    assertThat(broker.stop()).isTrue();
    Files.deleteIfExists(consortium.folder().resolve("broker/ready"));
    long payments = load.ids.size();
    Thread.sleep(BROKER_STOP);
    assertThat(load.ids.size()).as("answered without a broker").isGreaterThan((int) payments);
    broker.restart();
    consortium.awaitBroker();
    Role agent = consortium.role(BANK);
    for (int i = 0; i < KILLS; i++) {
      Thread.sleep(PAUSE_MILLIS);
      agent.kill();
      agent.restart();
      Runs.awaitUp(consortium, UP_SECONDS);
    }
    over.set(true);
    sending.join();
  }

  private static void keepSending(
      RestLoad load, int connections, int batch, java.util.concurrent.atomic.AtomicBoolean over) {
    try {
      while (!over.get()) {
        load.run(connections, batch, 10L * connections * batch, STEADY_PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitComplete(Consortium consortium) throws Exception {
    long end = System.nanoTime() + COMPLETE.toNanos();
    Progress last = Progress.NONE;
    int quiet = 0;
    while (quiet < 15) {
      consortium.requireAlive();
      Progress now = Progress.of(consortium);
      boolean scored =
          now.accepted() > 0
              && now.scored() + now.skipped() >= now.accepted() + now.resubmitted()
              && now.lagSeconds() == 0;
      quiet = scored && now.equals(last) ? quiet + 1 : 0;
      last = now;
      if (System.nanoTime() > end) {
        throw new AssertionError("not complete: " + now);
      }
      Thread.sleep(200);
    }
  }

  /** One id for each payment was answered, and the journal has the same. */
  private static void requireAccepted(Path bank, RestLoad load) {
    Set<String> accepted = accepted(bank);
    if (load.ids.size() != load.payments() || !accepted.equals(load.ids)) {
      throw new LossStays.Loss(
          "%d payments: %d ids were answered, the journal has %d"
              .formatted(load.payments(), load.ids.size(), accepted.size()));
    }
  }

  /**
   * Every transaction id in the bank's journal.
   *
   * @throws LossStays.Loss one of them is there twice
   */
  private static Set<String> accepted(Path bank) {
    var problems = new Problems();
    var key = KeyFiles.readSymmetricKey(bank.resolve("store.key"), problems).orElseThrow();
    var ids = new TreeSet<String>();
    try (var journal =
        JournalReader.open(bank.resolve("data"), new AtRestBox(key, new SecureRandom()))) {
      assertThat(journal.unscored()).isEmpty();
      journal.blocks(
          block -> {
            for (var row : block.rows()) {
              String id = HexFormat.of().formatHex(row.transactionId());
              if (!ids.add(id)) {
                throw new LossStays.Loss("The journal has a payment twice: " + id);
              }
            }
          });
    }
    return ids;
  }

  /** The same payments as a CSV file are the input that the check compares with. */
  private static void check(Consortium consortium, RestLoad load, Path rules) throws Exception {
    Path file = consortium.folder().resolve(BANK).resolve("payments.csv");
    var format = CSVFormat.RFC4180.builder().setHeader(header(load)).get();
    try (var writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
        var csv = new CSVPrinter(writer, format)) {
      for (long number = 0; number < load.payments(); number++) {
        csv.printRecord(load.payment(number).values());
      }
    }
    consortium.configureAgent(
        BANK, new AgentInput(Path.of("payments.csv"), false, 0, rules.resolve("mapping.yaml")));
    CheckReport report = Runs.checked(consortium.folder());
    Runs.requireOracles(report, load.payments());
    assertThat(report.alerts()).isPositive();
  }

  private static String[] header(RestLoad load) {
    return load.payment(0).keySet().toArray(String[]::new);
  }

  /** Simulated payments, by the columns that the mapping reads. */
  private static List<Map<String, String>> templates(Path folder, Path rules) throws IOException {
    var problems = new Problems();
    Document document = Document.read(rules.resolve("mapping.yaml"), problems);
    Set<String> columns = SourceMapping.read(document).columnNames();
    problems.throwIfAny();
    Path file = folder.resolveSibling("templates.csv");
    PaymentSimulator.writeFiles(7, 1, 5_000, bank -> file);
    var templates = new ArrayList<Map<String, String>>();
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (var record : parser) {
        Map<String, String> row = new LinkedHashMap<>();
        columns.forEach(column -> row.put(column, record.get(column)));
        templates.add(row);
      }
    }
    return templates;
  }
}
