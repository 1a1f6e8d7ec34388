package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.RowEncoder;
import org.concordat.rules.oracle.Oracle;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that another tool exported, held against that tool's own scores. */
class HandbookTest {

  @TempDir Path folder;

  @Test
  void logitsAreWithinTheDeclaredStepOfTheExportingTool() throws IOException {
    compare("logistic", "handbook_lr.json", "lr_logit", 1e-6);
  }

  /** Another leaf than the tool's would be off by far more than the step. */
  @Test
  void marginsOfTreesAreWithinTheDeclaredStepOfXgboosts() throws IOException {
    compare("trees", "handbook_xgb.json", "xgb_margin", 1e-5);
  }

  private void compare(String kind, String file, String column, double step) throws IOException {
    Path model = SharedData.require("cards-handbook/" + file);
    Map<String, Double> expected = new HashMap<>();
    try (BufferedReader csv = open(SharedData.require("cards-handbook/expected.csv.gz"))) {
      int logit = List.of(csv.readLine().split(",")).indexOf(column);
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        String[] cells = line.split(",");
        expected.put(cells[0], Double.valueOf(cells[logit]));
      }
    }
    Folders.copy(Path.of("src/test/resources/rulesets/handbook"), folder);
    Files.copy(model, Files.createDirectory(folder.resolve("models")).resolve(file));
    Path rules = folder.resolve("rules.yaml");
    Files.writeString(
        rules,
        Files.readString(rules)
            .replace("model: logistic", "model: " + kind)
            .replace("handbook_lr.json", file)
            .replace("step: 0.000001", "step: " + new BigDecimal("" + step).toPlainString()));
    RuleSet ruleSet = RuleSet.load(folder);
    // None of a step that doesn't hold at the ends of the declared ranges.
    assertThat(ruleSet.warnings()).noneMatch(warning -> warning.code() == Code.CDT_233);

    List<EncodedRow> rows = new ArrayList<>();
    var problems = new Problems();
    try (BufferedReader csv = open(SharedData.require("cards-handbook/transactions.csv.gz"))) {
      var encoder =
          new RowEncoder(
              ruleSet.contract(), ruleSet.rates(), Folders.mapping(folder.resolve("mapping.yaml")));
      encoder.bind(List.of(csv.readLine().split(",")), problems);
      problems.throwIfAny();
      for (String line = csv.readLine(); line != null; line = csv.readLine()) {
        EncodedRow row =
            encoder.encode(List.of(line.split(",", -1)), Place.of("transactions"), problems);
        rows.add(Objects.requireNonNull(row));
      }
    }
    problems.throwIfAny();

    long[][] columns = new long[ruleSet.contract().layout().fields().size()][rows.size()];
    for (int row = 0; row < rows.size(); row++) {
      for (int field = 0; field < columns.length; field++) {
        columns[field][row] = rows.get(row).fields()[field];
      }
    }
    Oracle.Result result = new Oracle(ruleSet.plan()).evaluate(columns, rows.size());
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

  private static BufferedReader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }
}
