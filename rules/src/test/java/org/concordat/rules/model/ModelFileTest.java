package org.concordat.rules.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFileTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: models
      version: 1
      currency: EUR
      features:
        amount: {type: amount, min: 0, max: 1000}
        known: {type: flag}
        channel: {type: category, values: [web, app]}
      """;

  @TempDir Path folder;
  private final Problems problems = new Problems();

  private Optional<WeightedSum> read(String json, Score.Kind kind) throws IOException {
    Path contract = Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    Path file = Files.writeString(folder.resolve("model.json"), json);
    return ModelFile.read(
        SourceFile.read(file),
        kind,
        Map.of("AMT", "amount"),
        FeatureContract.read(SourceFile.read(contract), problems).orElseThrow(),
        problems);
  }

  @Test
  void standardisedFeaturesBecomePlainWeights() throws IOException {
    WeightedSum sum =
        read(
                """
                {"type": "logistic_regression",
                 "features": ["AMT", "known", "channel=app", "channel=web"],
                 "mean": [50.0, 0.5, 0, 0], "scale": [4, 0.5, 1, 1],
                 "coef": [2e0, -1, 0.25, 3], "intercept": -6.5}
                """,
                Score.Kind.LOGISTIC)
            .orElseThrow();
    problems.throwIfAny();
    // -6.5 - 0.5 * 50 + 2 * 0.5
    assertThat(sum.constant()).isEqualByComparingTo("-30.5");
    assertThat(sum.terms()).hasSize(3);
    assertThat(((WeightedSum.Number) sum.terms().get(0)).weight()).isEqualByComparingTo("0.5");
    assertThat(((WeightedSum.Number) sum.terms().get(1)).weight()).isEqualByComparingTo("-2");
    assertThat(((WeightedSum.Names) sum.terms().get(2)).weights())
        .isEqualTo(Map.of(1L, new BigDecimal("0.25"), 0L, BigDecimal.valueOf(3)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "logistic | [amount] | [1] | CDT_218",
        "linear | [amount] | [1, 2] | CDT_218",
        "linear | [amuont] | [1] | CDT_211",
        "linear | [channel] | [1] | CDT_212",
        "linear | ['amount=5'] | [1] | CDT_212",
        "linear | ['channel=wab'] | [1] | CDT_213",
        "linear | [amount, AMT] | [1, 1] | CDT_107",
        "linear | ['channel=web', 'channel=web'] | [1, 1] | CDT_107",
        "linear | [amount] | [one] | CDT_105"
      })
  void refusesWhatDoesNotFit(String type, String features, String coef, Code code)
      throws IOException {
    String text = "type: " + type + "\nfeatures: " + features + "\ncoef: " + coef + "\n";
    assertThat(read(text, Score.Kind.LINEAR)).isEmpty();
    assertThat(problems.list()).extracting(Problem::code).containsExactly(code);
  }

  @Test
  void refusesAScaleOfZero() throws IOException {
    String text = "type: linear\nfeatures: [amount]\ncoef: [1]\nscale: [0]\nintercept: 1\n";
    assertThat(read(text, Score.Kind.LINEAR)).isEmpty();
    assertThat(problems.list()).extracting(Problem::code).isEqualTo(List.of(Code.CDT_218));
  }
}
