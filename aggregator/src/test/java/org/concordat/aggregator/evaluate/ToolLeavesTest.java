package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.Handbook;
import org.concordat.rules.RuleSet;
import org.concordat.rules.SharedData;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.LeafPlans;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Leaves found on shares are those of the tool that trained the trees. */
class ToolLeavesTest {
  private static final int DECIMALS = 6;
  private static final int BLOCK = BlockShares.ROWS_MAX;

  /** Of a batch. */
  private static final int RECORDS = 16 * BLOCK;

  private final long seed = Seeds.seed();

  @TempDir Path folder;

  @Test
  void areLightgbms() throws IOException {
    var problems = new Problems();
    TreeModel model =
        TreeFile.read(SourceFile.read(SharedData.require("models/lg_breast_cancer.txt")), problems)
            .orElseThrow();
    FeatureContract contract = contract(model, problems);
    List<String> lines = Files.readAllLines(SharedData.require("models/lg_breast_cancer_data.txt"));
    List<String> leaves =
        Files.readAllLines(SharedData.require("models/lg_breast_cancer_data_pred_leaves.txt"));
    long[][] rows = lines.stream().map(line -> row(line, model, contract)).toArray(long[][]::new);
    int first = 0;
    for (LeafPlans.Part part : LeafPlans.of(contract, model)) {
      OpenedScores scores = scores(part, rows);
      for (int row = 0; row < rows.length; row++) {
        int[] expected =
            Arrays.stream(leaves.get(row).trim().split("\\s+"))
                .skip(first)
                .limit(part.trees().size())
                .mapToInt(Integer::parseInt)
                .toArray();
        assertThat(part.leafIds(scores.score(0, 0, row))).as("row %d", row).isEqualTo(expected);
      }
      first += part.trees().size();
    }
    assertThat(first).isEqualTo(model.trees().size());
  }

  /**
   * Of each record the leaf of every tree, and the score and flag of the rule, against the plan in
   * the clear, whose leaves {@code HandbookTest} holds against XGBoost's on each record.
   */
  @Test
  @EnabledIfSystemProperty(
      named = "concordat.everyRecord",
      matches = "true",
      disabledReason = "takes minutes: -Dconcordat.everyRecord=true")
  void areXgboostsOnEveryRecordOfTheHandbook() throws IOException {
    Path file = SharedData.require("cards-handbook/handbook_xgb.json");
    TreeModel model = TreeFile.read(SourceFile.read(file), new Problems()).orElseThrow();
    var handbook = new Handbook(Path.of("../rules/src/test/resources/rulesets/handbook"), folder);
    RuleSet ruleSet = handbook.load(file, "trees", BigDecimal.valueOf(1, 5));
    long[][] columns = Handbook.columns(ruleSet, handbook.rows(ruleSet));
    int rows = columns[0].length;
    List<Plan> plans = new ArrayList<>(List.of(ruleSet.plan()));
    LeafPlans.of(ruleSet.contract(), model).forEach(part -> plans.add(part.plan()));
    for (Plan plan : plans) {
      Oracle.Result expected = new Oracle(plan).evaluate(columns, rows);
      int compared = 0;
      while (compared < rows) {
        int count = Math.min(RECORDS, rows - compared);
        Outcome outcome = evaluate(plan, rows(columns, compared, count));
        OpenedScores scores = Objects.requireNonNull(outcome.scores());
        var flagged = new BitSet();
        outcome.flagged().forEach(row -> flagged.set(row.block() * BLOCK + row.row()));
        for (int row = 0; row < count; row++) {
          long score = scores.score(0, row / BLOCK, row % BLOCK);
          if (score != expected.score(0, compared + row)
              || flagged.get(row) != expected.flagged(0, compared + row)) {
            Assertions.fail("row %d", compared + row);
          }
        }
        compared += count;
      }
    }
  }

  /** Some records as blocks of rows. */
  private static List<long[][]> rows(long[][] columns, int first, int count) {
    List<long[][]> blocks = new ArrayList<>();
    for (int start = 0; start < count; start += BLOCK) {
      long[][] block = new long[Math.min(BLOCK, count - start)][columns.length];
      for (int row = 0; row < block.length; row++) {
        for (int field = 0; field < columns.length; field++) {
          block[row][field] = columns[field][first + start + row];
        }
      }
      blocks.add(block);
    }
    return blocks;
  }

  private FeatureContract contract(TreeModel model, Problems problems) throws IOException {
    var text =
        new StringBuilder("format: 1\ncontract: tool\nversion: 1\ncurrency: EUR\nfeatures:\n");
    for (String name : model.features()) {
      text.append("  ").append(name);
      text.append(": {type: decimal, decimals: 6, min: 0, max: 10_000, domain: boolean}\n");
    }
    Path file = Files.writeString(folder.resolve("contract.yaml"), text);
    return FeatureContract.read(SourceFile.read(file), problems).orElseThrow();
  }

  private static long[] row(String line, TreeModel model, FeatureContract contract) {
    String[] cells = line.trim().split("\\s+");
    long[] fields = new long[contract.layout().fields().size()];
    for (int i = 0; i < cells.length; i++) {
      Feature feature = contract.feature(model.features().get(i)).orElseThrow();
      long value = new BigDecimal(cells[i]).setScale(DECIMALS).unscaledValue().longValueExact();
      fields[contract.fieldOf(feature.name())] = feature.fieldValue(value);
    }
    return fields;
  }

  private OpenedScores scores(LeafPlans.Part part, long[][] rows) {
    return Objects.requireNonNull(evaluate(part.plan(), List.<long[][]>of(rows)).scores());
  }

  private Outcome evaluate(Plan plan, List<long[][]> blocks) {
    Batch batch = Batch.share(plan.layout(), blocks);
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(Rep3Parties.PARTIES);
    List<Outcome> outcomes =
        network.run(
            party ->
                () ->
                    PlanEvaluator.openingEveryScore(plan)
                        .evaluate(
                            parties.suite(network, party),
                            batch.byParty().get(party),
                            FlagBudget.unlimited(blocks.size(), 1)));
    return outcomes.getFirst();
  }
}
