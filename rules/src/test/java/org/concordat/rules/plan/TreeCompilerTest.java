package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
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
  private static final List<String> NAMES =
      List.of("amount", "age", "channel", "flag", "change", "speed");
  private static final double[] CUTS = {1.0, 2.5, 7.0, 8.5};
  private static final double STEP = 0.001;

  private final long seed = Long.getLong("concordat.seed", 1L);

  @TempDir private Path folder;

  @Test
  void scoresAndFlagsAreTheTrees() throws IOException {
    int compiled = 0;
    for (int run = 0; run < 40; run++) {
      var random = new Random(seed + run);
      boolean averages = run % 4 == 0;
      write(model(random, 1 + random.nextInt(12), averages));
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
          TreeFile.read(folder.resolve("models/model.txt"), new Problems()).orElseThrow();
      assertThat(ruleSet.warnings()).noneMatch(warning -> warning.code() == Code.CDT_231);
      compare(ruleSet, model, random);
    }
    assertThat(compiled).isGreaterThan(20);
  }

  private void compare(RuleSet ruleSet, TreeModel model, Random random) {
    int rows = 500;
    FeatureContract contract = ruleSet.contract();
    long[][] columns = new long[contract.layout().fields().size()][rows];
    double[][] values = new double[rows][NAMES.size()];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < NAMES.size(); i++) {
        Feature feature = contract.feature(NAMES.get(i)).orElseThrow();
        int field = contract.fieldOf(feature.name());
        if (feature.optional() && random.nextInt(4) == 0) {
          values[row][i] = Double.NaN;
          columns[contract.missingFieldOf(feature.name())][row] = 1;
          columns[field][row] = feature.fieldValue(feature.whenMissing());
          continue;
        }
        boolean isBins = NAMES.get(i).equals("speed");
        long value =
            isBins
                ? random.nextInt(120)
                : random.nextInt(5) == 0 && feature.min() <= 0
                    ? 0
                    : random.nextLong(feature.min(), feature.max() + 1);
        values[row][i] = value / Math.pow(10, isBins ? 1 : feature.decimals());
        columns[field][row] = isBins ? bin(values[row][i]) : feature.fieldValue(value);
      }
    }
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

  private static long bin(double value) {
    int bin = 0;
    while (bin < CUTS.length && value >= CUTS[bin]) {
      bin++;
    }
    return bin;
  }

  @Test
  void aBoundThatIsNoCutPointIsRefused() throws IOException {
    var problems = new Problems();
    write(
        model(
            List.of(
                """
                num_leaves=2
                num_cat=0
                split_feature=5
                threshold=3.05
                decision_type=2
                left_child=-1
                right_child=-2
                leaf_value=-1 1
                """),
            false));
    assertThat(RuleSet.load(folder, problems)).isEmpty();
    assertThat(problems.list())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_212);
              assertThat(problem.toString()).contains("3.1", "speed");
            });
  }

  @Test
  void aNumericSplitOfACategoryIsRefused() throws IOException {
    var problems = new Problems();
    write(
        model(
            List.of(
                """
                num_leaves=2
                num_cat=0
                split_feature=2
                threshold=1.5
                decision_type=2
                left_child=-1
                right_child=-2
                leaf_value=-1 1
                """),
            false));
    assertThat(RuleSet.load(folder, problems)).isEmpty();
    assertThat(problems.list()).extracting(problem -> problem.code()).contains(Code.CDT_212);
  }

  private void write(String model) throws IOException {
    Files.writeString(
        folder.resolve("contract.yaml"),
        """
        format: 1
        contract: trees
        version: 1
        currency: EUR
        features:
          amount: {type: decimal, decimals: 2, min: -50, max: 50, domain: boolean}
          age: {type: integer, min: 0, max: 100, domain: boolean, optional: true}
          channel: {type: category, values: [a, b, c, d, e, f], optional: true}
          flag: {type: flag}
          change: {type: decimal, decimals: 1, min: -10, max: 10, optional: true}
          speed: {type: bins, decimals: 1, cuts: [1.0, 2.5, 7.0, 8.5], optional: true}
        """);
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

  private static String model(Random random, int trees, boolean averages) {
    List<String> texts = new ArrayList<>();
    for (int tree = 0; tree < trees; tree++) {
      texts.add(tree(random, 1 + random.nextInt(12)));
    }
    return model(texts, averages);
  }

  private static String model(List<String> trees, boolean averages) {
    var text = new StringBuilder("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\n");
    text.append(averages ? "average_output\n" : "");
    text.append("max_feature_idx=5\nobjective=binary sigmoid:1\nfeature_names=");
    text.append(String.join(" ", NAMES)).append("\n\n");
    for (int tree = 0; tree < trees.size(); tree++) {
      text.append("Tree=").append(tree).append('\n').append(trees.get(tree)).append("\n\n");
    }
    return text.append("end of trees\n").toString();
  }

  /** Grows by splitting a leaf at random; each kind of split and of missing value comes up. */
  private static String tree(Random random, int leaves) {
    int[] left = new int[leaves - 1];
    int[] right = new int[leaves - 1];
    List<int[]> open = new ArrayList<>();
    List<String> features = new ArrayList<>();
    List<String> bounds = new ArrayList<>();
    List<String> decisions = new ArrayList<>();
    List<String> categories = new ArrayList<>();
    for (int node = 0; node < leaves - 1; node++) {
      if (node > 0) {
        int[] place = open.remove(random.nextInt(open.size()));
        (place[1] == 0 ? left : right)[place[0]] = node;
      }
      open.add(new int[] {node, 0});
      open.add(new int[] {node, 1});
      int feature = random.nextInt(NAMES.size());
      features.add("" + feature);
      // Zero can't be told apart from other values in a bin.
      int missing = feature == 5 ? 4 * 2 : 4 * random.nextInt(3);
      decisions.add("" + (feature == 2 ? 1 : missing + 2 * random.nextInt(2)));
      bounds.add(
          switch (feature) {
            case 0 -> "" + (random.nextInt(9_000) - 4_500) / 100.0;
            case 1 -> "" + (random.nextInt(99) + 0.5);
            case 2 -> "" + categories.size();
            case 3 -> "0.5";
            case 4 -> "" + (random.nextInt(180) - 90) / 10.0;
            default -> "" + (CUTS[random.nextInt(CUTS.length)] - 0.05);
          });
      if (feature == 2) {
        categories.add("" + (1 + random.nextInt(62)));
      }
    }
    for (int leaf = 0; leaf < leaves && !open.isEmpty(); leaf++) {
      int[] place = open.get(leaf);
      (place[1] == 0 ? left : right)[place[0]] = -1 - leaf;
    }
    String values =
        random.doubles(leaves, -1, 1).mapToObj(Double::toString).collect(Collectors.joining(" "));
    var text = new StringBuilder("num_leaves=" + leaves + "\nnum_cat=" + categories.size() + "\n");
    text.append("split_feature=").append(String.join(" ", features));
    text.append("\nthreshold=").append(String.join(" ", bounds));
    text.append("\ndecision_type=").append(String.join(" ", decisions));
    text.append("\nleft_child=")
        .append(joined(left))
        .append("\nright_child=")
        .append(joined(right));
    text.append("\nleaf_value=").append(values);
    if (!categories.isEmpty()) {
      text.append("\ncat_boundaries=0");
      for (int i = 1; i <= categories.size(); i++) {
        text.append(' ').append(i);
      }
      text.append("\ncat_threshold=").append(String.join(" ", categories));
    }
    return text.toString();
  }

  private static String joined(int[] numbers) {
    return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }
}
