package org.concordat.rules.model.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.ml.lightgbm.PredictionType;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMBooster.FeatureImportanceType;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.github.metarank.lightgbm4j.LGBMException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.concordat.rules.Seeds;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.tree.TreeModel.AtMost;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that LightGBM trains here, against LightGBM's own leaves and scores. */
class LightgbmLeavesTest {
  private static final int FEATURES = 4;
  private static final int CATEGORIES = 40;
  private static final int TREES = 12;

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "objective=binary, use_missing=true, false, 1",
    "objective=binary, zero_as_missing=true, false, 1",
    "objective=binary, use_missing=false, false, 1",
    "objective=binary sigmoid=2, use_missing=true, false, 2",
    "objective=cross_entropy, use_missing=true, false, 1",
    "objective=regression, use_missing=true, false, 0",
    "objective=binary boosting=rf bagging_freq=1 bagging_fraction=0.6, use_missing=true, true, 1",
    "objective=binary boosting=dart drop_rate=0.5, zero_as_missing=true, false, 1"
  })
  void leavesAndScoresAreTheTools(String objective, String missing, boolean averages, double slope)
      throws Exception {
    String parameters =
        objective
            + " "
            + missing
            + " num_leaves=12 min_data_in_leaf=5 min_data_per_group=5 cat_smooth=1"
            + " max_cat_to_onehot=2 categorical_feature=3 num_threads=1 verbosity=-1 seed="
            + seed;
    double[] training = rows(List.of(0.25, -0.5, 1.0), 600);
    try (LGBMDataset data =
        LGBMDataset.createFromMat(
            training, training.length / FEATURES, FEATURES, true, parameters, null)) {
      data.setField("label", labels(training));
      try (LGBMBooster booster = LGBMBooster.create(data, parameters)) {
        for (int i = 0; i < TREES; i++) {
          booster.updateOneIter();
        }
        Path file = folder.resolve("model.txt");
        Files.writeString(file, booster.saveModelToString(0, -1, FeatureImportanceType.GAIN));
        var problems = new Problems();
        TreeModel model =
            Objects.requireNonNull(TreeFile.read(SourceFile.read(file), problems).orElse(null));
        assertThat(model.averages()).isEqualTo(averages);
        assertThat(model.logitSlope()).isEqualTo(slope);
        compare(booster, model, parameters);
      }
    }
  }

  private void compare(LGBMBooster booster, TreeModel model, String parameters)
      throws LGBMException {
    double[] rows = rows(bounds(model), 400);
    int count = rows.length / FEATURES;
    double[] leaves =
        booster.predictForMat(
            rows, count, FEATURES, true, PredictionType.C_API_PREDICT_LEAF_INDEX, parameters);
    double[] scores =
        booster.predictForMat(
            rows, count, FEATURES, true, PredictionType.C_API_PREDICT_NORMAL, parameters);
    int trees = model.trees().size();
    for (int row = 0; row < count; row++) {
      double[] values = Arrays.copyOfRange(rows, row * FEATURES, (row + 1) * FEATURES);
      int start = row * trees;
      assertThat(TreeWalk.leafIds(model, values))
          .as("row %d %s, seed %d", row, Arrays.toString(values), seed)
          .isEqualTo(IntStream.range(0, trees).map(i -> (int) leaves[start + i]).toArray());
      double own = TreeWalk.score(model, values);
      double expected =
          model.logitSlope() == 0 ? own : 1 / (1 + Math.exp(-model.logitSlope() * own));
      assertThat(scores[row]).isCloseTo(expected, Offset.offset(1e-12));
    }
  }

  private float[] labels(double[] rows) {
    float[] labels = new float[rows.length / FEATURES];
    for (int row = 0; row < labels.length; row++) {
      boolean isHigh = rows[row * FEATURES] > 0.3 ^ (int) rows[row * FEATURES + 3] % 3 == 1;
      labels[row] = isHigh ^ random.nextInt(10) == 0 ? 1 : 0;
    }
    return labels;
  }

  private static List<Double> bounds(TreeModel model) {
    List<Double> bounds = new ArrayList<>();
    for (TreeModel.Tree tree : model.trees()) {
      for (TreeModel.Split split : tree.splits()) {
        if (split.test() instanceof AtMost(double bound)) {
          bounds.add(bound);
        }
      }
    }
    return bounds;
  }

  /** Values at, and next to, the bounds and zero. */
  private double[] rows(List<Double> bounds, int count) {
    double[] rows = new double[count * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      double bound = bounds.get(random.nextInt(bounds.size()));
      if (random.nextInt(7) == 0) {
        rows[i] = Double.NaN;
      } else if (i % FEATURES == 3) {
        rows[i] = random.nextInt(CATEGORIES);
      } else {
        rows[i] =
            switch (random.nextInt(6)) {
              case 0 -> bound;
              case 1 -> Math.nextUp(bound);
              case 2 -> Math.nextDown(bound);
              case 3 -> random.nextBoolean() ? 0.0 : -0.0;
              default -> random.nextGaussian();
            };
        // What is nearer to zero than 1e-35f is zero to LightGBM when it reads a row.
        rows[i] = Math.abs(rows[i]) < 1e-30 ? 0 : rows[i];
      }
    }
    return rows;
  }
}
