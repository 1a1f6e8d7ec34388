package org.concordat.ops.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.concordat.ops.check.BankCheck.Expected;
import org.concordat.ops.check.BankCheck.Told;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.record.Digest;

/**
 * Compares what a test consortium delivered with what the same rule set gives on the banks'
 * plaintext. What was scored comes from the topic of cuts, not from the agents' word; the values
 * come from the input files, not from the agents' journals, which only say which row stood where.
 */
public final class OracleCheck {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Charter charter;
  private final RuleSet first;
  private final Map<Digest, RuleSet> ruleSets = new HashMap<>();
  private final Map<String, long[]> models;
  private final CommittedCuts cuts;
  private final LinkedReplay linked;
  private final Map<String, List<Told>> expected = new HashMap<>();
  private final Map<String, Set<String>> rulesOfRow = new HashMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final Map<String, Long> byRule = new TreeMap<>();
  private final List<String> examples = new ArrayList<>();
  private long transactions;
  private long scored;
  private long skipped;
  private long duplicates;
  private long lost;
  private long altered;
  private long oracle;
  private long delivered;

  private OracleCheck(
      Charter charter, List<RuleSet> ruleSets, Map<String, long[]> models, CommittedCuts cuts) {
    this.charter = charter;
    this.models = models;
    this.first = ruleSets.getFirst();
    ruleSets.forEach(each -> this.ruleSets.put(new Digest(each.hash()), each));
    this.cuts = cuts;
    this.linked = new LinkedReplay(first.plan(), models, charter);
  }

  /** Checks a consortium's folder whose rules have no secret weights; else as below. */
  public static CheckReport run(Path folder) throws IOException {
    return run(folder, ruleSet -> Map.of());
  }

  /**
   * Checks a consortium's folder; its broker runs, its agents may.
   *
   * @param models gives the values of a rule set's secret models, by rule
   * @throws InvalidInputException the charter isn't a test charter, or a file is wrong
   */
  public static CheckReport run(Path folder, Function<RuleSet, Map<String, long[]>> models)
      throws IOException {
    Auditor auditor = Auditor.of(folder);
    Charter charter = auditor.charter();
    if (charter.mode() != Charter.Mode.TEST) {
      throw new InvalidInputException(
          Code.CDT_801, Place.of("charter.yaml"), Code.CDT_801.cause(), Code.CDT_801.fix());
    }
    RuleSet first = RuleSet.load(folder.resolve(ConsortiumFolder.RULES));
    var ruleSets =
        new LaterRuleSets(
            Optional.of(folder.resolve(ConsortiumFolder.LATER_RULES)), first, charter);
    ruleSets.look();
    var check =
        new OracleCheck(
            charter, ruleSets.known(), models.apply(first), CommittedCuts.read(auditor));
    check.readBanks(folder);
    check.linked.run(
        check.cuts.batches(),
        check::plan,
        new LinkedReplay.Batches() {
          @Override
          public void take(Plan plan, List<LinkedReplay.Row> rows, Oracle.Result result) {
            check.expectLinked(plan, rows, result);
          }

          @Override
          public void takeEarlier(Plan plan, int output, LinkedReplay.Row row) {
            RuleOutput of = plan.outputs().get(output);
            var told = new Told(BigDecimal.ZERO, List.of(Rule.EARLIER));
            check.expect(row.bank(), new Expected(row.values().reference(), of.rule(), told));
          }
        });
    return check.compare(folder);
  }

  /** Each bank in a thread of its own: most of it is decrypting and reading numbers. */
  private void readBanks(Path folder) throws IOException {
    List<Callable<BankCheck>> checks = new ArrayList<>();
    for (Charter.Bank bank : charter.banks()) {
      var check = new BankCheck(bank.name(), first, cuts, this::plan, models);
      checks.add(() -> check.run(folder.resolve(bank.name())));
    }
    int threads = Math.min(checks.size(), Runtime.getRuntime().availableProcessors());
    try (var pool = Executors.newFixedThreadPool(threads)) {
      for (Future<BankCheck> read : pool.invokeAll(checks)) {
        take(read.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException wrong) {
        throw wrong;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  /**
   * @throws InvalidInputException no folder has the rule set
   */
  private Plan plan(Digest ruleSet) {
    RuleSet found = ruleSets.get(ruleSet);
    if (found == null) {
      throw new InvalidInputException(
          Code.CDT_805, Place.of(ruleSet.toString()), Code.CDT_805.cause(), Code.CDT_805.fix());
    }
    return found.plan();
  }

  /** Takes what a bank's own check found. */
  private void take(BankCheck bank) {
    transactions += bank.transactions();
    scored += bank.scored();
    skipped += bank.skipped();
    duplicates += bank.duplicates();
    lost += bank.lost();
    altered += bank.altered();
    bank.examples().forEach(this::example);
    bank.refused().forEach((code, count) -> refused.merge(code, count, Long::sum));
    bank.linked().forEach(row -> linked.add(row.block(), row.row()));
    bank.expected().forEach(alert -> expect(bank.bank(), alert));
  }

  private void expectLinked(Plan plan, List<LinkedReplay.Row> rows, Oracle.Result result) {
    for (int r = 0; r < rows.size(); r++) {
      LinkedReplay.Row row = rows.get(r);
      if (row.isLive()) {
        BankCheck.alerts(row.values().reference(), plan, result, r)
            .forEach(alert -> expect(row.bank(), alert));
      }
    }
  }

  private void expect(String bank, Expected alert) {
    oracle++;
    String reference = alert.reference();
    rulesOfRow.computeIfAbsent(bank + "/" + reference, k -> new HashSet<>()).add(alert.rule());
    expected
        .computeIfAbsent(key(bank, reference, alert.rule()), k -> new ArrayList<>())
        .add(alert.told());
  }

  private static String key(String bank, String reference, String rule) {
    return bank + "/" + reference + "/" + rule;
  }

  private CheckReport compare(Path folder) throws IOException {
    long extra = 0;
    long different = 0;
    for (Charter.Bank bank : charter.banks()) {
      Path file = folder.resolve(bank.name()).resolve("alerts.jsonl");
      Set<String> ids = new HashSet<>();
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        JsonNode alert = JSON.readTree(line);
        delivered++;
        byRule.merge(alert.path("rule").asText(), 1L, Long::sum);
        String key =
            key(bank.name(), alert.path("reference").asText(), alert.path("rule").asText());
        List<Told> open = expected.getOrDefault(key, new ArrayList<>());
        if (!ids.add(alert.path("id").asText()) || open.isEmpty()) {
          extra++;
          example("extra: " + key);
        } else if (!removeFirst(open, alert)) {
          open.removeFirst();
          different++;
          example("different: " + key + ", " + alert.path("verification").asText());
        }
      }
    }
    long missing = 0;
    for (var left : expected.entrySet()) {
      missing += left.getValue().size();
      if (!left.getValue().isEmpty()) {
        example("missing: " + left.getKey());
      }
    }
    Map<String, Long> only = new TreeMap<>();
    rulesOfRow.values().stream()
        .filter(rules -> rules.size() == 1)
        .forEach(rules -> only.merge(rules.iterator().next(), 1L, Long::sum));
    long refusedRows = refused.values().stream().mapToLong(Long::longValue).sum();
    if (cuts.rows() != scored) {
      example("the cuts count " + cuts.rows() + " rows, the journals " + scored);
      altered += Math.abs(cuts.rows() - scored);
    }
    if (cuts.unreadable() > 0) {
      example("left out: " + cuts.unreadable() + " records of the topic of cuts aren't readable");
    }
    return new CheckReport(
        transactions,
        transactions - duplicates,
        scored,
        refusedRows,
        skipped,
        duplicates,
        lost,
        delivered,
        oracle,
        missing,
        extra,
        different,
        altered,
        refused,
        byRule,
        only,
        examples);
  }

  /** One alert answers one expectation: versions of a payment may tell the same. */
  private static boolean removeFirst(List<Told> open, JsonNode alert) {
    for (int i = 0; i < open.size(); i++) {
      if (same(open.get(i), alert)) {
        open.remove(i);
        return true;
      }
    }
    return false;
  }

  private static boolean same(Told told, JsonNode alert) {
    List<String> reasons = new ArrayList<>();
    alert.path("reasons").forEach(reason -> reasons.add(reason.path("code").asText()));
    JsonNode score = alert.path("score");
    BigDecimal given =
        score.isMissingNode() || score.isNull() ? BigDecimal.ZERO : new BigDecimal(score.asText());
    return told.score().compareTo(given) == 0
        && told.reasons().equals(reasons)
        && alert.path("verification").asText().equals("VERIFIED");
  }

  private void example(String text) {
    if (examples.size() < BankCheck.EXAMPLES_MAX) {
      examples.add(text);
    }
  }
}
