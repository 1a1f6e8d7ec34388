package org.concordat.rules.model.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.assertj.core.data.Offset;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.tree.TreeModel.BelowFloat;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that XGBoost trains here, against XGBoost's own leaves and margins. */
class XgboostLeavesTest {
  private static final int FEATURES = 4;
  private static final int CATEGORIES = 12;

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "binary:logistic, 0, 1",
    "binary:logistic, 0.3, 1",
    "binary:logitraw, 0, 1",
    "reg:logistic, 0, 1",
    "reg:squarederror, 0, 0",
    "reg:absoluteerror, 0, 0"
  })
  void leavesAndMarginsOfBothFormatsAreTheTools(String objective, double dropout, double slope)
      throws Exception {
    Booster booster = train(objective, dropout);
    TreeModel model = read("model.json", booster.toByteArray("json"));
    // Not isEqualTo, whose message would be the models.
    assertThat(read("model.ubj", booster.toByteArray("ubj")).equals(model)).isTrue();
    assertThat(model.logitSlope()).isEqualTo(slope);
    float[] rows = rows(bounds(model), 400);
    float[][] leaves = booster.predictLeaf(matrix(rows), 0);
    float[][] margins = booster.predict(matrix(rows), true);
    for (int row = 0; row < leaves.length; row++) {
      double[] values = new double[FEATURES];
      for (int i = 0; i < FEATURES; i++) {
        values[i] = rows[row * FEATURES + i];
      }
      float[] expected = leaves[row];
      assertThat(TreeWalk.leafIds(model, values))
          .as("row %d, seed %d", row, seed)
          .isEqualTo(IntStream.range(0, expected.length).map(i -> (int) expected[i]).toArray());
      assertThat((double) margins[row][0])
          .isCloseTo(TreeWalk.score(model, values), Offset.offset(2e-6));
    }
  }

  /** A real file cut somewhere, or with one bit turned. */
  @Test
  void damagedFilesAreReadOrRefused() throws Exception {
    byte[] bytes = train("binary:logistic", 0).toByteArray("ubj");
    for (int length = 2; length < bytes.length; length += 1 + random.nextInt(300)) {
      assertRefused(Arrays.copyOf(bytes, length));
    }
    for (int run = 0; run < 200; run++) {
      byte[] damaged = bytes.clone();
      damaged[2 + random.nextInt(bytes.length - 2)] ^= (byte) (1 << random.nextInt(8));
      TreeFile.read(
          SourceFile.read(Files.write(folder.resolve("damaged"), damaged)), new Problems());
    }
  }

  private void assertRefused(byte[] bytes) throws IOException {
    var problems = new Problems();
    assertThat(TreeFile.read(SourceFile.read(Files.write(folder.resolve("cut"), bytes)), problems))
        .isEmpty();
    assertThat(problems.list())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_218);
              assertThat(problem.toString()).contains("byte ");
            });
  }

  private TreeModel read(String name, byte[] bytes) throws IOException {
    var problems = new Problems();
    TreeModel model =
        TreeFile.read(SourceFile.read(Files.write(folder.resolve(name), bytes)), problems)
            .orElse(null);
    assertThat(problems.list()).isEmpty();
    return Objects.requireNonNull(model);
  }

  private Booster train(String objective, double dropout) throws XGBoostError {
    float[] rows = rows(List.of(0.25f, -0.5f, 1f), 600);
    float[] labels = new float[rows.length / FEATURES];
    for (int row = 0; row < labels.length; row++) {
      boolean isHigh = rows[row * FEATURES] > 0.3f ^ (int) rows[row * FEATURES + 3] % 3 == 1;
      labels[row] = isHigh ^ random.nextInt(10) == 0 ? 1 : 0;
    }
    DMatrix data = matrix(rows);
    data.setLabel(labels);
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("objective", objective);
    parameters.put("max_depth", 5);
    parameters.put("tree_method", "hist");
    parameters.put("max_cat_to_onehot", 4);
    parameters.put("nthread", 1);
    parameters.put("seed", seed);
    if (dropout > 0) {
      parameters.put("booster", "dart");
      parameters.put("rate_drop", dropout);
    }
    return XGBoost.train(data, parameters, 12, new HashMap<>(), null, null);
  }

  private static DMatrix matrix(float[] rows) throws XGBoostError {
    var matrix = new DMatrix(rows, rows.length / FEATURES, FEATURES, Float.NaN);
    matrix.setFeatureTypes(new String[] {"q", "q", "q", "c"});
    matrix.setFeatureNames(new String[] {"a", "b", "c", "kind"});
    return matrix;
  }

  private static List<Float> bounds(TreeModel model) {
    List<Float> bounds = new ArrayList<>();
    for (TreeModel.Tree tree : model.trees()) {
      for (TreeModel.Split split : tree.splits()) {
        if (split.test() instanceof BelowFloat(float bound)) {
          bounds.add(bound);
        }
      }
    }
    return bounds;
  }

  /** Values at, and next to, the bounds; a category is one that was trained with, or not. */
  private float[] rows(List<Float> bounds, int count) {
    float[] rows = new float[count * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      float bound = bounds.get(random.nextInt(bounds.size()));
      if (random.nextInt(7) == 0) {
        rows[i] = Float.NaN;
      } else if (i % FEATURES == 3) {
        rows[i] = random.nextInt(CATEGORIES);
      } else {
        rows[i] =
            switch (random.nextInt(6)) {
              case 0 -> bound;
              case 1 -> Math.nextUp(bound);
              case 2 -> Math.nextDown(bound);
              case 3 -> random.nextBoolean() ? 0f : -0f;
              default -> (float) random.nextGaussian();
            };
      }
    }
    return rows;
  }
}
