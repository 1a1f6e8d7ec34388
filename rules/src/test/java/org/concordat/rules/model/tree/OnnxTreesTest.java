package org.concordat.rules.model.tree;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the table in {@code rules/MODELS.md} that are ONNX's, against ONNX Runtime. */
class OnnxTreesTest {
  private static final int FEATURES = 4;
  private static final int ROWS = 400;

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  static List<String> modes() {
    return OnnxForest.MODES;
  }

  @ParameterizedTest
  @MethodSource("modes")
  void leavesOfOneModeAreTheRuntimes(String mode) throws Exception {
    compareLeaves(OnnxForest.random(random, FEATURES, 20, List.of(mode)));
  }

  @Test
  void leavesOfMixedModesAreTheRuntimes() throws Exception {
    compareLeaves(OnnxForest.random(random, FEATURES, 40, OnnxForest.MODES));
  }

  private void compareLeaves(OnnxForest forest) throws Exception {
    TreeModel model = read(forest.graph(forest.regressor(), 1));
    float[][] rows = rows(forest);
    float[][] leaves = scores(forest.leafNumbers(), rows);
    for (int row = 0; row < ROWS; row++) {
      assertThat(TreeWalk.leafIds(model, doubles(rows[row])))
          .as("row %d, seed %d", row, seed)
          .isEqualTo(integers(leaves[row]));
    }
  }

  @Test
  void leavesOfTreeEnsembleAreTheRuntimes() throws Exception {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 30, OnnxForest.MODES);
    TreeModel model = read(forest.writer(forest.treeEnsemble(false), 1, false).opset(5).bytes());
    assertThat(model.features()).containsExactly("f0", "f1", "f2", "f3");
    float[][] rows = rows(forest);
    OnnxWriter.Node numbered = forest.treeEnsemble(true);
    float[][] leaves =
        scores(forest.writer(numbered, forest.trees(), false).opset(5).bytes(), rows);
    for (int row = 0; row < ROWS; row++) {
      assertThat(TreeWalk.leafIds(model, doubles(rows[row])))
          .as("row %d, seed %d", row, seed)
          .isEqualTo(integers(leaves[row]));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SUM", "AVERAGE"})
  void scoresOfRegressorsAreTheRuntimes(String function) throws Exception {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 17, OnnxForest.MODES);
    OnnxWriter.Node node =
        forest
            .regressor()
            .floats("base_values", List.of(0.75f))
            .text("aggregate_function", function)
            .text("post_transform", "NONE");
    compareScores(forest, forest.graph(node, 1), 0);
  }

  @ParameterizedTest
  @CsvSource({
    "0, NONE, false, false",
    "1, NONE, false, false",
    "0, LOGISTIC, false, false",
    "1, LOGISTIC, false, false",
    "0, NONE, true, false",
    "0, LOGISTIC, true, false",
    "0, NONE, false, true",
    "1, NONE, false, true",
    "0, LOGISTIC, false, true",
    "1, LOGISTIC, false, true"
  })
  void scoresOfBoostedClassifiersAreTheRuntimes(
      int classId, String transform, boolean hasBase, boolean arePositive) throws Exception {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 17, OnnxForest.MODES);
    OnnxWriter.Node node =
        forest.classifier(classId, arePositive).text("post_transform", transform);
    if (hasBase) {
      node.floats("base_values", List.of(0.25f));
    }
    compareScores(forest, forest.writer(node, 2, true).bytes(), 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NONE", "LOGISTIC"})
  void scoresOfForestClassifiersAreTheRuntimes(String transform) throws Exception {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 17, OnnxForest.MODES);
    OnnxWriter.Node node = forest.forestClassifier().text("post_transform", transform);
    compareScores(forest, forest.writer(node, 2, true).bytes(), 1);
  }

  @Test
  void membersAreTheRuntimes() throws Exception {
    OnnxWriter.Node node = members();
    var forest = new OnnxForest(FEATURES);
    byte[] bytes = forest.writer(node, 1, false).opset(5).bytes();
    TreeModel model = read(bytes);
    float[] values = {0, -0f, 1, 2, 3, 4, 5, 6, 31, 32, 33, Float.NaN, -1, 7};
    float[][] rows = new float[values.length][FEATURES];
    for (int row = 0; row < values.length; row++) {
      rows[row][1] = values[row];
    }
    float[][] scores = scores(bytes, rows);
    for (int row = 0; row < values.length; row++) {
      assertThat((double) scores[row][0])
          .as("value %s", values[row])
          .isEqualTo(TreeWalk.score(model, doubles(rows[row])));
    }
  }

  /** Feature 1 in {1, 4, 31}, or else in {2, 5}; the second set is where missing values go. */
  private static OnnxWriter.Node members() {
    return new OnnxWriter.Node("TreeEnsemble", OnnxForest.DOMAIN, List.of("X"), List.of("scores"))
        .integers("tree_roots", List.of(0))
        .integers("nodes_featureids", List.of(1, 1))
        .floatTensor("nodes_splits", List.of(0f, 0f))
        .tensor("nodes_modes", OnnxWriter.UINT8, 2, new byte[] {6, 6})
        .floatTensor("membership_values", List.of(1f, 4f, 31f, Float.NaN, 2f, 5f, Float.NaN))
        .integers("nodes_truenodeids", List.of(0, 1))
        .integers("nodes_falsenodeids", List.of(1, 2))
        .integers("nodes_trueleafs", List.of(1, 1))
        .integers("nodes_falseleafs", List.of(0, 1))
        .integers("nodes_missing_value_tracks_true", List.of(0, 1))
        .integers("leaf_targetids", List.of(0, 0, 0))
        .floatTensor("leaf_weights", List.of(1f, 2f, 4f))
        .integer("n_targets", 1)
        .integer("aggregate_function", 1)
        .integer("post_transform", 0);
  }

  /** What isn't taken, and what the message names. */
  @Test
  void whatDoesNotMapIsRefused() throws IOException {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 3, OnnxForest.MODES);
    for (String function : List.of("MIN", "MAX")) {
      refuses(forest, forest.regressor().text("aggregate_function", function), function, "SUM");
    }
    for (String transform : List.of("SOFTMAX", "SOFTMAX_ZERO", "PROBIT", "LOGISTIC")) {
      refuses(forest, forest.regressor().text("post_transform", transform), transform, "NONE");
    }
    refuses(forest, forest.classifier(0, false).text("post_transform", "PROBIT"), "PROBIT");
    refuses(
        forest,
        forest.forestClassifier().floats("base_values", List.of(0.5f, 0.5f)),
        "base_values");
    refuses(forest, forest.regressor().texts("unheard_of", List.of("x")), "unheard_of");
    refuses(
        forest, forest.regressor().floatTensor("nodes_values_as_tensor", List.of(1f)), "doubles");
    refuses(
        forest.writer(forest.regressor(), 1, false).inputType(OnnxWriter.DOUBLE).bytes(),
        "input 'X'",
        "tensor(float)");
    refuses(forest.writer(forest.regressor(), 1, false).opset(6).bytes(), "version 6");
    refuses(forest.writer(forest.regressor(), 1, false).features(1).bytes(), "feature");
    OnnxWriter.Node scaler =
        new OnnxWriter.Node("Scaler", OnnxForest.DOMAIN, List.of("X"), List.of("scaled"));
    refuses(forest.writer(forest.regressor(), 1, false).node(scaler).bytes(), "Scaler", "mapping");
    refuses(
        forest.writer(forest.regressor(), 1, false).node(forest.regressor()).bytes(), "several");
    refuses(new OnnxWriter().features(1).node(scaler).bytes(), "no tree ensemble");
  }

  /** Converters put the label beside the scores, and turn it into another type. */
  @Test
  void nodesBehindTheScoresThatKeepThemAreIgnored() throws IOException {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 3, OnnxForest.MODES);
    TreeModel alone = read(forest.writer(forest.classifier(0, false), 2, true).bytes());
    OnnxWriter.Node cast = new OnnxWriter.Node("Cast", "", List.of("label"), List.of("integer"));
    OnnxWriter.Node zip =
        new OnnxWriter.Node("ZipMap", OnnxForest.DOMAIN, List.of("scores"), List.of("map"));
    byte[] bytes = forest.writer(forest.classifier(0, false), 2, true).node(cast).node(zip).bytes();
    assertThat(read(bytes)).isEqualTo(alone);
    OnnxWriter.Node half = new OnnxWriter.Node("Neg", "", List.of("scores"), List.of("less"));
    refuses(forest.writer(forest.classifier(0, false), 2, true).node(half).bytes(), "Neg");
  }

  /** Cut anywhere, or with one bit turned. */
  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    OnnxForest forest = OnnxForest.random(random, FEATURES, 3, OnnxForest.MODES);
    for (byte[] bytes :
        List.of(
            forest.graph(forest.regressor(), 1),
            forest.writer(forest.treeEnsemble(false), 1, false).opset(5).bytes())) {
      for (int length = 1; length < bytes.length; length += 1 + random.nextInt(9)) {
        refuses(Arrays.copyOf(bytes, length), "onnx");
      }
      for (int run = 0; run < 500; run++) {
        byte[] damaged = bytes.clone();
        damaged[1 + random.nextInt(bytes.length - 1)] ^= (byte) (1 << random.nextInt(8));
        TreeFile.read(
            SourceFile.read(Files.write(folder.resolve("damaged.onnx"), damaged)), new Problems());
      }
    }
  }

  private void refuses(OnnxForest forest, OnnxWriter.Node node, String... named)
      throws IOException {
    refuses(forest.writer(node, 1, false).bytes(), named);
  }

  private void refuses(byte[] bytes, String... named) throws IOException {
    var problems = new Problems();
    Path file = Files.write(folder.resolve("refused.onnx"), bytes);
    assertThat(TreeFile.read(SourceFile.read(file), problems)).isEmpty();
    assertThat(problems.list())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_218);
              assertThat(problem.toString()).contains(named);
            });
  }

  private void compareScores(OnnxForest forest, byte[] bytes, int column) throws Exception {
    TreeModel model = read(bytes);
    float[][] rows = rows(forest);
    float[][] scores = scores(bytes, rows);
    for (int row = 0; row < ROWS; row++) {
      double own = TreeWalk.score(model, doubles(rows[row]));
      double expected = model.logitSlope() == 0 ? own : 1 / (1 + Math.exp(-own));
      assertThat((double) scores[row][column])
          .as("row %d, seed %d", row, seed)
          .isCloseTo(expected, Offset.offset(2e-6));
    }
  }

  private float[][] rows(OnnxForest forest) {
    List<Float> bounds = new ArrayList<>(forest.nodes().stream().map(n -> n.bound()).toList());
    bounds.addAll(List.of(0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
    float[][] rows = new float[ROWS][FEATURES];
    for (float[] row : rows) {
      for (int i = 0; i < FEATURES; i++) {
        float bound = bounds.get(random.nextInt(bounds.size()));
        row[i] =
            switch (random.nextInt(6)) {
              case 0 -> Float.NaN;
              case 1 -> Math.nextUp(bound);
              case 2 -> Math.nextDown(bound);
              case 3 -> (float) random.nextGaussian();
              default -> bound;
            };
      }
    }
    return rows;
  }

  private static float[][] scores(byte[] bytes, float[][] rows) throws OrtException {
    var flat = FloatBuffer.allocate(rows.length * FEATURES);
    for (float[] row : rows) {
      flat.put(row);
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions();
        OrtSession session = environment.createSession(bytes, options);
        OnnxTensor input =
            OnnxTensor.createTensor(environment, flat.flip(), new long[] {rows.length, FEATURES});
        OrtSession.Result result = session.run(Map.of("X", input))) {
      return (float[][]) result.get("scores").orElseThrow().getValue();
    }
  }

  private static double[] doubles(float[] row) {
    double[] doubles = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      doubles[i] = row[i];
    }
    return doubles;
  }

  private static int[] integers(float[] row) {
    int[] integers = new int[row.length];
    for (int i = 0; i < row.length; i++) {
      integers[i] = (int) row[i];
    }
    return integers;
  }

  private TreeModel read(byte[] bytes) throws IOException {
    var problems = new Problems();
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    TreeModel model = TreeFile.read(SourceFile.read(file), problems).orElse(null);
    assertThat(problems.list()).isEmpty();
    return Objects.requireNonNull(model);
  }
}
