package org.concordat.agent.encode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;

/**
 * Rows a second from cells to the synchronous write, with history features and with as many that
 * come from columns, side by side, so that the machine counts little. A main, not a test: {@code
 * java ... HistoryThroughput [rows] [accounts]}.
 */
public final class HistoryThroughput {
  private static final int ROUNDS = 5;
  private static final int CACHED_MAX = 32_768;

  private static final String HEAD =
      """
      format: 1
      contract: past
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1_000_000.00}
      """;

  private static final String HISTORY =
      """
        a: {type: history-count, window: 1h, max: 500}
        b: {type: history-count, window: 24h, max: 500}
        c: {type: history-sum, window: 24h, over: amount, max: 1_000_000.00}
        d: {type: history-sum, window: 30d, over: amount, max: 1_000_000.00}
        e: {type: first-to-beneficiary}
        f: {type: ratio-to-usual, over: amount, max: 100.00}
      """;

  private static final String COLUMNS =
      """
        a: {type: integer, min: 0, max: 500}
        b: {type: integer, min: 0, max: 500}
        c: {type: amount, min: 0, max: 1_000_000.00}
        d: {type: amount, min: 0, max: 1_000_000.00}
        e: {type: flag}
        f: {type: decimal, decimals: 2, min: 0, max: 100.00, domain: boolean}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: past
      version: 1
      contract: past@1
      rules:
        - {rule: large, condition: {feature: amount, atLeast: 100}}
      """;

  private final TestConsortium consortium = new TestConsortium(2);
  private final int rows;
  private final int accounts;

  private HistoryThroughput(int rows, int accounts) {
    this.rows = rows;
    this.accounts = accounts;
  }

  public static void main(String[] args) throws Exception {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 200_000;
    int accounts = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    new HistoryThroughput(rows, accounts).run();
  }

  private void run() throws Exception {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      double without = rowsPerSecond(false);
      double with = rowsPerSecond(true);
      ratios.add(with / without);
      System.out.printf("without %,.0f rows/s, with %,.0f rows/s%n", without, with);
    }
    ratios.sort(Comparator.naturalOrder());
    System.out.printf("median ratio %.2f, %d accounts%n", ratios.get(ROUNDS / 2), accounts);
  }

  private SourceMapping mapping(boolean history) {
    var problems = new Problems();
    String text = "reference: id\ntime: {column: time, unit: seconds}\n";
    text +=
        history
            ? "history: {account: from, beneficiary: to}\ncolumns: {amount: x}\n"
            : "columns: {amount: x, a: n, b: n, c: x, d: x, e: one, f: one}\n";
    SourceMapping mapping = SourceMapping.read(Document.parse("mapping", text, problems));
    problems.throwIfAny();
    return mapping;
  }

  private double rowsPerSecond(boolean history) throws Exception {
    Path folder = Files.createTempDirectory("concordat-throughput");
    Files.writeString(folder.resolve("contract.yaml"), HEAD + (history ? HISTORY : COLUMNS));
    Files.writeString(folder.resolve("rules.yaml"), RULES);
    RuleSet ruleSet = RuleSet.load(folder);
    FeatureContract contract = ruleSet.contract();
    var builder = new BlockBuilder(4, 1_024, 5_000_000, System::nanoTime);
    try (AgentStore store = TestStores.open(folder.resolve("data"))) {
      var seen = new SeenRows(store);
      Spooler spooler = spooler(store, contract, builder, seen);
      var key = new SymmetricKey(new byte[32]).forAlgorithm("HmacSHA256");
      var kept = new KeptHistory(contract, store, HistoryLimits.DEFAULT, CACHED_MAX);
      Intake intake =
          new Intakes(ruleSet, key, seen, builder, kept)
              .open(mapping(history), List.of("id", "time", "from", "to", "x", "n", "one"));
      var random = new SplittableRandom(1);
      long start = System.nanoTime();
      Thread sealing = Thread.ofPlatform().start(() -> spool(spooler));
      for (int i = 0; i < rows; i++) {
        intake.take(record(i, random), i);
      }
      builder.end();
      sealing.join();
      return rows / ((System.nanoTime() - start) / 1e9);
    } finally {
      delete(folder);
    }
  }

  private SourceRecord record(int number, SplittableRandom random) {
    List<String> cells =
        List.of(
            "P" + number,
            Integer.toString(1_750_000_000 + number / 4),
            "DE" + random.nextInt(accounts),
            "FR" + random.nextInt(8),
            random.nextInt(1_000) + ".50",
            "7",
            "1");
    return new SourceRecord(Place.of("main"), new byte[0], cells, null, null);
  }

  private Spooler spooler(
      AgentStore store, FeatureContract contract, BlockBuilder builder, SeenRows seen) {
    var directory = new KeyDirectory(consortium.charter, store, () -> 0);
    for (int i = 0; i < 3; i++) {
      directory.record(consortium.key(i, 0, 10));
    }
    var random = new SecureRandom();
    return new Spooler(
        store,
        new BlockFormat(contract.name(), contract.version(), contract.hash(), contract.layout()),
        new SealingSessions(
            consortium.charter, TestConsortium.BANK, consortium.bankKey, store, directory, random),
        builder,
        seen,
        new NoBrokers(true),
        random);
  }

  private static void spool(Spooler spooler) {
    try {
      spooler.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
