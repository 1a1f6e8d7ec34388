package org.concordat.ops.check;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Tally;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.seal.AtRestBox;
import org.jspecify.annotations.Nullable;

/**
 * Holds one bank's journal against its input, and evaluates what was scored. Where rows aren't
 * linked, no more of them are in memory than are evaluated at once.
 */
final class BankCheck {
  /** Rows at once: a plan of many trees has thousands of columns. */
  private static final int ORACLE_ROWS = 16_384;

  static final int EXAMPLES_MAX = 20;

  /** What the oracle says of a row. */
  record Told(BigDecimal score, List<String> reasons) {}

  /** An alert that there has to be. */
  record Expected(String reference, String rule, Told told) {}

  /** A scored row whose flags depend on other banks' rows. */
  record Linked(CommittedCuts.Block block, LinkedReplay.Row row) {}

  private final String bank;
  private final RuleSet first;
  private final CommittedCuts cuts;
  private final Function<Digest, Plan> plans;
  private final Map<String, long[]> models;
  private final Map<Digest, Oracle> oracles = new HashMap<>();
  private final Map<Digest, List<EncodedRow>> unevaluated = new HashMap<>();
  private final Map<String, Integer> skippedOnly = new HashMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final List<Expected> expected = new ArrayList<>();
  private final List<Linked> linked = new ArrayList<>();
  private final List<String> examples = new ArrayList<>();
  private long transactions;
  private long scored;
  private long duplicates;
  private long lost;
  private long altered;

  BankCheck(
      String bank,
      RuleSet first,
      CommittedCuts cuts,
      Function<Digest, Plan> plans,
      Map<String, long[]> models) {
    this.bank = bank;
    this.first = first;
    this.cuts = cuts;
    this.plans = plans;
    this.models = models;
  }

  /**
   * Reads all.
   *
   * @param own the bank's folder
   */
  BankCheck run(Path own) throws IOException {
    var problems = new Problems();
    AgentConfig config = AgentConfig.read(own.resolve("agent.yaml"), problems);
    SymmetricKey key = KeyFiles.readSymmetricKey(config.keys().store(), problems).orElse(null);
    problems.throwIfAny();
    List<AgentConfig.Csv> files = new ArrayList<>();
    config.ingest().backfill().ifPresent(files::add);
    files.add(config.ingest().csv().orElseThrow());
    var box = new AtRestBox(Objects.requireNonNull(key), new SecureRandom());
    try (JournalReader journal = JournalReader.open(config.data(), box);
        var history = new BankHistory(first, files)) {
      // What an account paid before depends on the order of acceptance, by all sources together.
      var features = HistoryFeatures.inMemory(first.contract());
      journal.blocks(block -> take(block, history, features));
      List.copyOf(unevaluated.keySet()).forEach(this::evaluate);
      long told = 0;
      for (Map.Entry<Tally, Long> tally : journal.tallies().entrySet()) {
        switch (tally.getKey().outcome()) {
          case REFUSED -> refused.merge(tally.getKey().reason(), tally.getValue(), Long::sum);
          case DUPLICATE -> told += tally.getValue();
          default -> {}
        }
      }
      // An agent may call a row a repeat that is none: the input tells.
      BankHistory.Left left = history.left(told);
      transactions = history.rows();
      duplicates = left.repeats();
      lost = left.lost();
    }
    return this;
  }

  private void take(JournalBlock block, BankHistory history, HistoryFeatures features) {
    Optional<Digest> scoredBy = cuts.ruleSet(bank, block.position());
    boolean isSkipped = cuts.isSkipped(bank, block.position());
    for (JournalRow row : block.rows()) {
      EncodedRow input = scoredBy.isPresent() ? history.take(row.reference()) : null;
      if (input != null) {
        features.take(input, row.acceptedMillis(), row.firstVersion().isEmpty());
      }
      if (isSkipped) {
        skippedOnly.merge(Arrays.toString(row.transactionId()), 1, Integer::sum);
      } else if (scoredBy.isPresent()) {
        if (!skippedOnly.isEmpty()) {
          // A resubmitted row is in a later block under the same id.
          skippedOnly.computeIfPresent(
              Arrays.toString(row.transactionId()), (id, count) -> count > 1 ? count - 1 : null);
        }
        scored++;
        take(block, row, input, scoredBy.get());
      }
    }
  }

  private void take(
      JournalBlock block, JournalRow row, @Nullable EncodedRow input, Digest scoredBy) {
    if (input == null || !Arrays.equals(input.fields(), row.fields())) {
      altered++;
      if (examples.size() < EXAMPLES_MAX) {
        examples.add("altered: " + bank + " " + row.reference());
      }
    } else if (first.plan().link().isPresent()) {
      boolean isLive = block.kind() == RecordKind.LIVE;
      linked.add(
          new Linked(
              new CommittedCuts.Block(bank, block.position()),
              new LinkedReplay.Row(bank, input, row.transactionId(), isLive)));
    } else if (block.kind() == RecordKind.LIVE) {
      List<EncodedRow> rows = unevaluated.computeIfAbsent(scoredBy, unused -> new ArrayList<>());
      rows.add(input);
      if (rows.size() == ORACLE_ROWS) {
        evaluate(scoredBy);
      }
    }
  }

  private void evaluate(Digest ruleSet) {
    List<EncodedRow> rows = Objects.requireNonNull(unevaluated.remove(ruleSet));
    Plan plan = plans.apply(ruleSet);
    int fields = plan.layout().fields().size();
    long[][] columns = new long[fields][rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      long[] row = rows.get(r).fields();
      for (int f = 0; f < fields; f++) {
        columns[f][r] = row[f];
      }
    }
    Oracle.Result result =
        oracles
            .computeIfAbsent(ruleSet, unused -> new Oracle(plan, models))
            .evaluate(columns, rows.size());
    for (int r = 0; r < rows.size(); r++) {
      expected.addAll(alerts(rows.get(r).reference(), plan, result, r));
    }
  }

  /** The alerts that row r gives. */
  static List<Expected> alerts(String reference, Plan plan, Oracle.Result result, int r) {
    List<Expected> alerts = new ArrayList<>();
    List<RuleOutput> outputs = plan.outputs();
    for (int o = 0; o < outputs.size(); o++) {
      RuleOutput output = outputs.get(o);
      if (output.live() && result.flagged(o, r)) {
        BigDecimal score =
            output.score().isPresent()
                ? decimal(result.score(o, r), output.scoreScale())
                : BigDecimal.ZERO;
        var told = new Told(score, reasons(output, result.reasonBits(o, r)));
        alerts.add(new Expected(reference, output.rule(), told));
      }
    }
    return alerts;
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

  String bank() {
    return bank;
  }

  /** Alerts of rows that aren't linked. */
  List<Expected> expected() {
    return expected;
  }

  List<Linked> linked() {
    return linked;
  }

  /** Rows that the journal holds otherwise than the input does. */
  long altered() {
    return altered;
  }

  /** Which of them, at most {@link #EXAMPLES_MAX}. */
  List<String> examples() {
    return examples;
  }

  /** Rows by code. */
  Map<String, Long> refused() {
    return refused;
  }

  /** Of the input. */
  long transactions() {
    return transactions;
  }

  long scored() {
    return scored;
  }

  /** Rows of skipped blocks that are in no later one. */
  long skipped() {
    return skippedOnly.values().stream().mapToLong(Integer::longValue).sum();
  }

  /** Rows that weren't scored, and repeat one that was. */
  long duplicates() {
    return duplicates;
  }

  /** Rows that could be encoded, weren't scored and repeat none that was. */
  long lost() {
    return lost;
  }
}
