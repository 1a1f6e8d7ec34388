package org.concordat.rules.model.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.concordat.rules.SharedData;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each row of the table in {@code rules/MODELS.md} by itself. */
class TreeFileTest {
  private static final double NAN = Double.NaN;

  @TempDir Path folder;

  @Test
  void xgboostComparesFloatsBelowItsBound() throws IOException {
    TreeModel model = read(xgboost());
    // 0.1 is 0.100000001 as a float, as the bound is; the next double below it is the same float.
    assertThat(TreeWalk.leafIds(model, new double[] {0.1, 0})).containsExactly(2);
    assertThat(TreeWalk.leafIds(model, new double[] {0.0999999999, 0})).containsExactly(2);
    assertThat(TreeWalk.leafIds(model, new double[] {0.09999999, 0})).containsExactly(3);
  }

  @Test
  void xgboostSendsMissingValuesTheDefaultWay() throws IOException {
    TreeModel model = read(xgboost());
    assertThat(TreeWalk.leafIds(model, new double[] {NAN, 0})).containsExactly(3);
    assertThat(TreeWalk.leafIds(model, new double[] {NAN, NAN})).containsExactly(4);
    assertThat(TreeWalk.leafIds(model, new double[] {NAN, 5})).containsExactly(4);
  }

  @Test
  void xgboostSendsListedCategoriesRight() throws IOException {
    String text =
        xgboost()
            .replace("\"split_type\": [0,0,0,0,0]", "\"split_type\": [0,1,0,0,0]")
            .replace("\"categories\": []", "\"categories\": [1,4]")
            .replace("\"categories_nodes\": []", "\"categories_nodes\": [1]")
            .replace("\"categories_segments\": []", "\"categories_segments\": [0]")
            .replace("\"categories_sizes\": []", "\"categories_sizes\": [2]");
    TreeModel model = read(text);
    assertThat(TreeWalk.leafIds(model, new double[] {0, 4})).containsExactly(4);
    assertThat(TreeWalk.leafIds(model, new double[] {0, 1})).containsExactly(4);
    assertThat(TreeWalk.leafIds(model, new double[] {0, 2})).containsExactly(3);
    assertThat(TreeWalk.leafIds(model, new double[] {0, NAN})).containsExactly(4);
  }

  @Test
  void xgboostsBaseScoreIsAProbabilityWhereScoresAre() throws IOException {
    assertThat(read(xgboost()).base()).isCloseTo(Math.log(0.25 / 0.75), within(1e-7));
    assertThat(read(xgboost().replace("2.5E-1", "[2.5E-1]")).base())
        .isCloseTo(Math.log(0.25 / 0.75), within(1e-7));
    String regression = xgboost().replace("binary:logistic", "reg:squarederror");
    assertThat(read(regression).base()).isEqualTo(0.25);
    assertThat(read(regression).logitSlope()).isZero();
    assertThat(read(xgboost().replace("binary:logistic", "binary:logitraw")).logitSlope())
        .isEqualTo(1);
  }

  @Test
  void dartWeighsWholeTrees() throws IOException {
    String dart =
        xgboost()
            .replace(
                "\"name\": \"gbtree\", \"model\"",
                "\"name\": \"dart\", \"weight_drop\": [0.5],"
                    + " \"gbtree\": {\"name\": \"gbtree\", \"model\"")
            .replace("\"tree_info\": [0]}", "\"tree_info\": [0]}}");
    assertThat(read(dart).trees().getFirst().leaves()).containsExactly(0.25, -0.5, 1.0);
  }

  @Test
  void newerDropoutIsAGbtreeWithWeights() throws IOException {
    String newer =
        xgboost().replace("\"tree_info\": [0]", "\"weight_drop\": [0.5], \"tree_info\": [0]");
    assertThat(read(newer).trees().getFirst().leaves()).containsExactly(0.25, -0.5, 1.0);
    refuses(newer.replace("[0.5]", "[null]"));
  }

  @Test
  void lightgbmComparesDoublesUpToItsBound() throws IOException {
    TreeModel model = read(lightgbm("2 2"));
    assertThat(TreeWalk.leafIds(model, new double[] {0.1, 7})).containsExactly(0);
    assertThat(TreeWalk.leafIds(model, new double[] {Math.nextUp(0.1), -1})).containsExactly(1);
    assertThat(TreeWalk.leafIds(model, new double[] {1, 0})).containsExactly(1);
    assertThat(TreeWalk.leafIds(model, new double[] {1, 0.5})).containsExactly(2);
  }

  @Test
  void lightgbmsInfiniteBoundSplitsOffMissingValues() throws IOException {
    TreeModel model = read(lightgbm("8 2").replace("threshold=0.1 0", "threshold=inf 0"));
    assertThat(TreeWalk.leafIds(model, new double[] {1e300, 1})).containsExactly(0);
    assertThat(TreeWalk.leafIds(model, new double[] {NAN, 1})).containsExactly(2);
  }

  /** Bits 2 and 3 of a decision: 0 none, 4 zero, 8 NaN; bit 1: left. */
  @ParameterizedTest
  @CsvSource({
    // Missing as none is zero: 0 <= 0.1, and 0 <= 0.
    "0, NaN, 0",
    "2, NaN, 0",
    "0, 0, 0",
    "8, NaN, 2",
    "10, NaN, 0",
    "8, 0, 0",
    "4, NaN, 2",
    "6, NaN, 0",
    "4, 0, 2",
    "4, 1e-36, 2",
    "4, 0.05, 0"
  })
  void lightgbmsMissingValues(int decision, double value, int leaf) throws IOException {
    TreeModel model = read(lightgbm(decision + " 2"));
    assertThat(TreeWalk.leafIds(model, new double[] {value, 1})).containsExactly(leaf);
  }

  @Test
  void lightgbmSendsListedCategoriesLeft() throws IOException {
    String text =
        lightgbm("1 2")
            .replace("num_cat=0", "num_cat=1\ncat_boundaries=0 2\ncat_threshold=2 16")
            .replace("threshold=0.1 0", "threshold=0 0");
    TreeModel model = read(text);
    assertThat(TreeWalk.leafIds(model, new double[] {1, 1})).containsExactly(0);
    assertThat(TreeWalk.leafIds(model, new double[] {36, 1})).containsExactly(0);
    for (double other : new double[] {0, 2, 35, 37, 64, 1e9, -1, NAN}) {
      assertThat(TreeWalk.leafIds(model, new double[] {other, 1})).containsExactly(2);
    }
  }

  @Test
  void lightgbmsRandomForestsAverage() throws IOException {
    TreeModel model =
        read(lightgbm("2 2").replace("feature_names", "average_output\nfeature_names"));
    assertThat(model.averages()).isTrue();
    assertThat(read(lightgbm("2 2")).averages()).isFalse();
    assertThat(read(lightgbm("2 2").replace("sigmoid:1", "sigmoid:2")).logitSlope()).isEqualTo(2);
  }

  @Test
  void leavesOfSharedLightgbmModelsAreTheTools() throws IOException {
    TreeModel model = read(SharedData.require("models/lg_breast_cancer.txt"));
    List<String> rows = Files.readAllLines(SharedData.require("models/lg_breast_cancer_data.txt"));
    List<String> leaves =
        Files.readAllLines(SharedData.require("models/lg_breast_cancer_data_pred_leaves.txt"));
    assertThat(rows).hasSameSizeAs(leaves).isNotEmpty();
    for (int row = 0; row < rows.size(); row++) {
      int[] expected =
          Arrays.stream(leaves.get(row).trim().split("\\s+")).mapToInt(Integer::parseInt).toArray();
      assertThat(TreeWalk.leafIds(model, numbers(rows.get(row))))
          .as("row %d", row)
          .isEqualTo(expected);
    }
  }

  @Test
  void scoresOfSharedDartModelsAreTheTools() throws IOException {
    TreeModel model = read(SharedData.require("models/lg_dart_breast_cancer.model"));
    List<String> rows = Files.readAllLines(SharedData.require("models/breast_cancer_test.tsv"));
    List<String> scores =
        Files.readAllLines(SharedData.require("models/lg_dart_breast_cancer_true_predictions.txt"));
    assertThat(rows).hasSameSizeAs(scores);
    for (int row = 0; row < rows.size(); row++) {
      double score = TreeWalk.score(model, numbers(rows.get(row)));
      double probability = 1 / (1 + Math.exp(-score));
      assertThat(probability).isCloseTo(Double.parseDouble(scores.get(row)), within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "num_class\": \"0, num_class\": \"3",
    "binary:logistic, multi:softprob",
    "'\"left_children\": [1,3,-1,-1,-1]', '\"left_children\": [1,0,-1,-1,-1]'",
    "'\"left_children\": [1,3,-1,-1,-1]', '\"left_children\": [1,9,-1,-1,-1]'",
    "'\"left_children\": [1,3,-1,-1,-1]', '\"left_children\": [1,3,-1,-1]'",
    "'\"split_indices\": [0,1,0,0,0]', '\"split_indices\": [0,2,0,0,0]'",
    "gbtree, gblinear",
    "2.5E-1, 1.5",
    "'\"trees\":', '\"wood\":'",
    "'\"version\"', '\"learner\"'",
  })
  void malformedXgboostFilesAreRefused(String text, String instead) throws IOException {
    assertThat(xgboost()).contains(text);
    refuses(xgboost().replace(text, instead));
  }

  @ParameterizedTest
  @CsvSource({
    "num_class=1, num_class=3",
    "binary sigmoid:1, multiclass",
    "left_child=-1 -2, left_child=-1 -1",
    "left_child=-1 -2, left_child=0 -2",
    "split_feature=0 1, split_feature=0 2",
    "split_feature=0 1, split_feature=0",
    "leaf_value=1 2 3, leaf_value=1 2 NaN",
    "leaf_value=1 2 3, leaf_value=1 2 x",
    "leaf_value=1 2 3, leaf_value=1 2 inf",
    "is_linear=0, is_linear=1",
    "decision_type=2 2, decision_type=12 2",
    "decision_type=2 2, decision_type=1 2",
  })
  void malformedLightgbmFilesAreRefused(String text, String instead) throws IOException {
    assertThat(lightgbm("2 2")).contains(text);
    refuses(lightgbm("2 2").replace(text, instead));
  }

  @Test
  void depthIsLimited() throws IOException {
    refuses(chain(TreeModel.DEPTH_MAX + 1));
    assertThat(read(chain(TreeModel.DEPTH_MAX)).trees()).hasSize(1);
  }

  private static String chain(int depth) {
    var left = new StringBuilder();
    var right = new StringBuilder();
    for (int node = 0; node < depth; node++) {
      left.append(node + 1 < depth ? node + 1 : -1 - depth).append(' ');
      right.append(-1 - node).append(' ');
    }
    return lightgbm("2 2")
        .replace("num_leaves=3", "num_leaves=" + (depth + 1))
        .replace("split_feature=0 1", "split_feature=" + "0 ".repeat(depth))
        .replace("threshold=0.1 0", "threshold=" + "0 ".repeat(depth))
        .replace("decision_type=2 2", "decision_type=" + "2 ".repeat(depth))
        .replace("left_child=-1 -2", "left_child=" + left)
        .replace("right_child=1 -3", "right_child=" + right)
        .replace("leaf_value=1 2 3", "leaf_value=" + "1 ".repeat(depth + 1));
  }

  private void refuses(String text) throws IOException {
    var problems = new Problems();
    assertThat(TreeFile.read(SourceFile.read(write(text)), problems)).isEmpty();
    assertThat(problems.list()).hasSize(1);
    assertThat(problems.list().getFirst().code()).isEqualTo(Code.CDT_218);
  }

  private TreeModel read(String text) throws IOException {
    return read(write(text));
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("model"), text);
  }

  private static TreeModel read(Path file) {
    var problems = new Problems();
    TreeModel model = TreeFile.read(SourceFile.read(file), problems).orElse(null);
    assertThat(problems.list()).isEmpty();
    return Objects.requireNonNull(model);
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.trim().split("\\s+")).mapToDouble(Double::parseDouble).toArray();
  }

  private static Offset<Double> within(double offset) {
    return Offset.offset(offset);
  }

  /** Root: feature 0 below 0.1, missing left, right is leaf 2; node 1: feature 1 below 5. */
  private static String xgboost() {
    return """
    {"learner": {"feature_names": ["a", "b"], "feature_types": [],
      "gradient_booster": {"name": "gbtree", "model": {
        "gbtree_model_param": {"num_trees": "1"},
        "trees": [{"left_children": [1,3,-1,-1,-1], "right_children": [2,4,-1,-1,-1],
          "split_conditions": [0.1,5,0.5,-1,2], "split_indices": [0,1,0,0,0],
          "default_left": [1,0,0,0,0], "split_type": [0,0,0,0,0],
          "categories": [], "categories_nodes": [], "categories_segments": [],
          "categories_sizes": []}],
        "tree_info": [0]}},
      "learner_model_param": {"base_score": "2.5E-1", "num_class": "0", "num_feature": "2"},
      "objective": {"name": "binary:logistic"}}, "version": [1,7,4]}
    """;
  }

  /** Root: feature 0 at most 0.1 to leaf 0; node 1: feature 1 at most 0 to leaf 1, else 2. */
  private static String lightgbm(String decisions) {
    return """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    max_feature_idx=1
    objective=binary sigmoid:1
    feature_names=a b

    Tree=0
    num_leaves=3
    num_cat=0
    split_feature=0 1
    threshold=0.1 0
    decision_type=DECISIONS
    left_child=-1 -2
    right_child=1 -3
    leaf_value=1 2 3
    is_linear=0

    end of trees
    """
        .replace("DECISIONS", decisions);
  }
}
