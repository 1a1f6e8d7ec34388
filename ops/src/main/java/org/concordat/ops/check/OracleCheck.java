package org.concordat.ops.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.seal.AtRestBox;

/**
 * Compares what a test consortium delivered with what the same rule set gives on the banks'
 * plaintext. What was scored comes from the topic of cuts, not from the agents' word; the values
 * come from the input files, not from the agents' journals, which only say which row stood where.
 */
public final class OracleCheck {
  /** Rows at once: a plan of many trees has thousands of columns. */
  private static final int ORACLE_ROWS = 16_384;

  private static final int EXAMPLES_MAX = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Told(BigDecimal score, List<String> reasons) {}

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
    for (Charter.Bank bank : charter.banks()) {
      check.expect(folder.resolve(bank.name()), bank.name());
    }
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
            check.expect(row.bank(), row.values().reference(), of.rule(), told);
          }
        });
    return check.compare(folder);
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

  private void expect(Path own, String bank) throws IOException {
    var problems = new Problems();
    AgentConfig config = AgentConfig.read(own.resolve("agent.yaml"), problems);
    SymmetricKey key = KeyFiles.readSymmetricKey(config.keys().store(), problems).orElse(null);
    problems.throwIfAny();
    List<AgentConfig.Csv> files = new ArrayList<>();
    config.ingest().backfill().ifPresent(files::add);
    files.add(config.ingest().csv().orElseThrow());
    BankHistory history = BankHistory.read(first, files);
    transactions += history.rows();
    Map<Digest, List<EncodedRow>> rows = new HashMap<>();
    var box = new AtRestBox(Objects.requireNonNull(key), new SecureRandom());
    try (JournalReader journal = JournalReader.open(config.data(), box)) {
      Map<String, Integer> waitingForScore = new HashMap<>();
      List<JournalBlock> blocks = new ArrayList<>();
      journal.blocks(blocks::add);
      // What an account paid before depends on the order of acceptance, by all sources together.
      blocks.sort(Comparator.comparingLong(JournalBlock::order));
      var features = HistoryFeatures.inMemory(first.contract());
      blocks.forEach(block -> take(bank, block, history, features, rows, waitingForScore));
      skipped += waitingForScore.values().stream().mapToInt(Integer::intValue).sum();
      journal
          .tallies()
          .forEach(
              (tally, count) -> {
                switch (tally.outcome()) {
                  case REFUSED -> refused.merge(tally.reason(), count, Long::sum);
                  case DUPLICATE -> duplicates += count;
                  default -> {}
                }
              });
    }
    rows.forEach((ruleSet, scoredBy) -> evaluate(bank, plan(ruleSet), scoredBy));
  }

  private void take(
      String bank,
      JournalBlock block,
      BankHistory history,
      HistoryFeatures features,
      Map<Digest, List<EncodedRow>> rows,
      Map<String, Integer> skippedOnly) {
    Optional<Digest> scoredBy = cuts.ruleSet(bank, block.position());
    boolean isScored = scoredBy.isPresent();
    boolean isSkipped = cuts.isSkipped(bank, block.position());
    for (JournalRow row : block.rows()) {
      String id = Arrays.toString(row.transactionId());
      EncodedRow input = isScored ? history.take(row.reference()) : null;
      if (input != null) {
        features.take(input, row.acceptedMillis(), row.firstVersion().isEmpty());
      }
      if (isSkipped) {
        skippedOnly.merge(id, 1, Integer::sum);
      } else if (isScored) {
        // A resubmitted row is in a later block under the same id.
        skippedOnly.merge(id, -1, Integer::sum);
        skippedOnly.values().removeIf(count -> count <= 0);
        scored++;
        if (input == null || !Arrays.equals(input.fields(), row.fields())) {
          altered++;
          example("altered: " + bank + " " + row.reference());
        } else if (first.plan().link().isPresent()) {
          linked.add(
              new CommittedCuts.Block(bank, block.position()),
              new LinkedReplay.Row(
                  bank, input, row.transactionId(), block.kind() == RecordKind.LIVE));
        } else if (block.kind() == RecordKind.LIVE) {
          rows.computeIfAbsent(scoredBy.get(), unused -> new ArrayList<>()).add(input);
        }
      }
    }
  }

  private void evaluate(String bank, Plan plan, List<EncodedRow> rows) {
    var byOracle = new Oracle(plan, models);
    for (int from = 0; from < rows.size(); from += ORACLE_ROWS) {
      int to = Math.min(rows.size(), from + ORACLE_ROWS);
      evaluate(bank, plan, byOracle, rows.subList(from, to));
    }
  }

  private void evaluate(String bank, Plan plan, Oracle byOracle, List<EncodedRow> rows) {
    int fields = plan.layout().fields().size();
    long[][] columns = new long[fields][rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      for (int f = 0; f < fields; f++) {
        columns[f][r] = rows.get(r).fields()[f];
      }
    }
    Oracle.Result result = byOracle.evaluate(columns, rows.size());
    for (int r = 0; r < rows.size(); r++) {
      expect(bank, rows.get(r).reference(), plan, result, r);
    }
  }

  private void expectLinked(Plan plan, List<LinkedReplay.Row> rows, Oracle.Result result) {
    for (int r = 0; r < rows.size(); r++) {
      if (rows.get(r).isLive()) {
        expect(rows.get(r).bank(), rows.get(r).values().reference(), plan, result, r);
      }
    }
  }

  /** The alerts that a row gives. */
  private void expect(String bank, String reference, Plan plan, Oracle.Result result, int r) {
    List<RuleOutput> outputs = plan.outputs();
    for (int o = 0; o < outputs.size(); o++) {
      RuleOutput output = outputs.get(o);
      if (output.live() && result.flagged(o, r)) {
        BigDecimal score =
            output.score().isPresent()
                ? decimal(result.score(o, r), output.scoreScale())
                : BigDecimal.ZERO;
        var told = new Told(score, reasons(output, result.reasonBits(o, r)));
        expect(bank, reference, output.rule(), told);
      }
    }
  }

  private void expect(String bank, String reference, String rule, Told told) {
    oracle++;
    rulesOfRow.computeIfAbsent(bank + "/" + reference, k -> new HashSet<>()).add(rule);
    expected.computeIfAbsent(key(bank, reference, rule), k -> new ArrayList<>()).add(told);
  }

  private static BigDecimal decimal(long score, long scale) {
    return BigDecimal.valueOf(score).divide(BigDecimal.valueOf(scale), MathContext.DECIMAL128);
  }

  private static List<String> reasons(RuleOutput output, long bits) {
    List<String> codes = new ArrayList<>();
    for (int i = 0; i < output.reasons().size(); i++) {
      if ((bits >>> i & 1) == 1) {
        codes.add(output.reasons().get(i).code());
      }
    }
    return codes;
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
        } else if (!open.removeIf(told -> same(told, alert))) {
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
    return new CheckReport(
        transactions,
        transactions - duplicates,
        scored,
        refusedRows,
        skipped,
        duplicates,
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
    if (examples.size() < EXAMPLES_MAX) {
      examples.add(text);
    }
  }
}
