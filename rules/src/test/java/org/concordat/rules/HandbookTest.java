package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.assertj.core.api.Assertions;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.LeafPlans;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that another tool exported, held against that tool's own scores. */
class HandbookTest {

  @TempDir Path folder;

  private Handbook handbook() {
    return new Handbook(Path.of("src/test/resources/rulesets/handbook"), folder);
  }

  @Test
  void logitsAreWithinTheDeclaredStepOfTheExportingTool() throws IOException {
    compare("logistic", "handbook_lr.json", "lr_logit", 1e-6);
  }

  /** Another leaf than the tool's would be off by far more than the step. */
  @Test
  void marginsOfTreesAreWithinTheDeclaredStepOfXgboosts() throws IOException {
    compare("trees", "handbook_xgb.json", "xgb_margin", 1e-5);
  }

  /** Of the plan, so of the contract's integers, against XGBoost on the cells as floats. */
  @Test
  void leavesAreXgboostsOnEveryRecord() throws Exception {
    Path model = SharedData.require("cards-handbook/handbook_xgb.json");
    RuleSet ruleSet = handbook().load(model, "trees", BigDecimal.valueOf(1, 5));
    TreeModel trees = TreeFile.read(SourceFile.read(model), new Problems()).orElseThrow();
    List<EncodedRow> rows = handbook().rows(ruleSet);
    float[][] expected;
    try (BufferedReader csv =
        Handbook.open(SharedData.require("cards-handbook/transactions.csv.gz"))) {
      expected = XGBoost.loadModel(model.toString()).predictLeaf(floats(csv, trees), 0);
    }
    assertThat(expected).hasDimensions(rows.size(), trees.trees().size());
    long[][] columns = Handbook.columns(ruleSet, rows);
    int first = 0;
    for (LeafPlans.Part part : LeafPlans.of(ruleSet.contract(), trees)) {
      Oracle.Result result = new Oracle(part.plan()).evaluate(columns, rows.size());
      for (int row = 0; row < rows.size(); row++) {
        int[] leaves = part.leafIds(result.score(0, row));
        for (int tree = 0; tree < leaves.length; tree++) {
          if (leaves[tree] != (int) expected[row][first + tree]) {
            Assertions.fail("row %d, tree %d", row, first + tree);
          }
        }
      }
      first += part.trees().size();
    }
    assertThat(first).isEqualTo(trees.trees().size());
  }

  private static DMatrix floats(BufferedReader csv, TreeModel model)
      throws IOException, XGBoostError {
    List<String> head = List.of(csv.readLine().split(","));
    int[] places = model.features().stream().mapToInt(head::indexOf).toArray();
    List<String> lines = csv.lines().toList();
    float[] cells = new float[lines.size() * places.length];
    for (int row = 0; row < lines.size(); row++) {
      String[] line = lines.get(row).split(",", -1);
      for (int i = 0; i < places.length; i++) {
        cells[row * places.length + i] = (float) Double.parseDouble(line[places[i]]);
      }
    }
    var matrix = new DMatrix(cells, lines.size(), places.length, Float.NaN);
    matrix.setFeatureNames(model.features().toArray(String[]::new));
    return matrix;
  }

  private void compare(String kind, String file, String column, double step) throws IOException {
    Path model = SharedData.require("cards-handbook/" + file);
    Map<String, Double> expected = new HashMap<>();
    try (BufferedReader csv = Handbook.open(SharedData.require("cards-handbook/expected.csv.gz"))) {
      int logit = List.of(csv.readLine().split(",")).indexOf(column);
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        String[] cells = line.split(",");
        expected.put(cells[0], Double.valueOf(cells[logit]));
      }
    }
    RuleSet ruleSet = handbook().load(model, kind, new BigDecimal("" + step));
    // None of a step that doesn't hold at the ends of the declared ranges.
    assertThat(ruleSet.warnings()).noneMatch(warning -> warning.code() == Code.CDT_233);

    List<EncodedRow> rows = handbook().rows(ruleSet, expected::containsKey);
    Oracle.Result result =
        new Oracle(ruleSet.plan()).evaluate(Handbook.columns(ruleSet, rows), rows.size());
    RuleOutput output = ruleSet.plan().outputs().getFirst();
    int compared = 0;
    double largest = 0;
    for (int row = 0; row < rows.size(); row++) {
      Double logit = expected.get(rows.get(row).reference());
      if (logit != null) {
        double own = (double) result.score(0, row) / output.scoreScale();
        largest = Math.max(largest, Math.abs(own - logit));
        boolean isClose = Math.abs(logit) < step;
        assertThat(isClose || result.flagged(0, row) == logit >= 0).isTrue();
        compared++;
      }
    }
    assertThat(compared).isEqualTo(expected.size()).isGreaterThan(50_000);
    assertThat(largest).isLessThan(step);
  }
}
