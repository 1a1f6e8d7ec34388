package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.tree.TreeFile;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.rules.model.tree.TreeWalk;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random ensembles: the plan's score is what walking down the trees in doubles gives. */
class TreeCompilerTest {
  private static final double STEP = 0.001;

  private final long seed = Long.getLong("concordat.seed", 1L);

  @TempDir private Path folder;

  @Test
  void scoresAndFlagsAreTheTrees() throws IOException {
    int compiled = 0;
    for (int run = 0; run < 40; run++) {
      var random = new Random(seed + run);
      boolean averages = run % 4 == 0;
      write(RandomTrees.model(random, 1 + random.nextInt(12), 12, averages, true));
      var problems = new Problems();
      Optional<RuleSet> loaded = RuleSet.load(folder, problems);
      if (loaded.isEmpty()) {
        // Few small trees may flag every row, which is refused.
        assertThat(problems.list()).extracting(Problem::code).containsOnly(Code.CDT_217);
        continue;
      }
      RuleSet ruleSet = loaded.get();
      compiled++;
      TreeModel model =
          TreeFile.read(SourceFile.read(folder.resolve("models/model.txt")), new Problems())
              .orElseThrow();
      assertThat(ruleSet.warnings()).noneMatch(warning -> warning.code() == Code.CDT_231);
      compare(ruleSet, model, random);
    }
    assertThat(compiled).isGreaterThan(20);
  }

  private void compare(RuleSet ruleSet, TreeModel model, Random random) {
    int rows = 500;
    double[][] values = new double[rows][];
    long[][] columns = RandomTrees.rows(ruleSet.contract(), random, values);
    Oracle.Result result = new Oracle(ruleSet.plan()).evaluate(columns, rows);
    RuleOutput output = ruleSet.plan().outputs().getFirst();
    for (int row = 0; row < rows; row++) {
      double expected = TreeWalk.score(model, values[row]);
      double own = (double) result.score(0, row) / output.scoreScale();
      assertThat(own).as("row %d, seed %d", row, seed).isBetween(expected - STEP, expected + STEP);
      if (Math.abs(expected) > STEP) {
        assertThat(result.flagged(0, row)).isEqualTo(expected > 0);
      }
    }
  }

  @Test
  void aBoundThatIsNoCutPointIsRefused() throws IOException {
    var problems = new Problems();
    write(stump(5, 3.05, 2));
    assertThat(RuleSet.load(folder, problems)).isEmpty();
    assertThat(problems.list())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_212);
              assertThat(problem.toString()).contains("3.1", "speed");
            });
  }

  /** Where zero counts as missing, the tool asks for what a bin doesn't hold. */
  @Test
  void aZeroAmongBinsIsRefused() throws IOException {
    var problems = new Problems();
    write(stump(5, 2.45, 4));
    assertThat(RuleSet.load(folder, problems)).isEmpty();
    assertThat(problems.list()).extracting(Problem::code).containsOnly(Code.CDT_212);
  }

  @Test
  void aNumericSplitOfACategoryIsRefused() throws IOException {
    var problems = new Problems();
    write(stump(2, 1.5, 2));
    assertThat(RuleSet.load(folder, problems)).isEmpty();
    assertThat(problems.list()).extracting(problem -> problem.code()).contains(Code.CDT_212);
  }

  /** A model of one tree with one test. */
  private static String stump(int feature, double threshold, int decisionType) {
    return RandomTrees.model(
        List.of(
            """
            num_leaves=2
            num_cat=0
            split_feature=%d
            threshold=%s
            decision_type=%d
            left_child=-1
            right_child=-2
            leaf_value=-1 1
            """
                .formatted(feature, threshold, decisionType)),
        false);
  }

  private void write(String model) throws IOException {
    Files.writeString(folder.resolve("contract.yaml"), RandomTrees.CONTRACT);
    Files.writeString(
        folder.resolve("rules.yaml"),
        """
        format: 1
        ruleSet: trees
        version: 1
        contract: trees@1
        rules:
          - rule: ensemble
            title: Trees
            score: {model: trees, file: models/model.txt, threshold: 0.5, step: 0.001}
        """);
    Files.createDirectories(folder.resolve("models"));
    Files.writeString(folder.resolve("models/model.txt"), model);
  }
}
