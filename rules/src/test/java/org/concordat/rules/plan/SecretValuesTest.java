package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretValuesTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: sets
      version: 1
      currency: EUR
      features:
        x: {type: decimal, decimals: 1, min: -10, max: 100}
        kind: {type: category, values: [a, b, c], optional: true}
      """;

  private static final String RULES =
      """
      format: 1
      ruleSet: sets
      version: 1
      contract: sets@1
      rules:
        - rule: open
          score:
            model: linear
            weights: {secret: true, publisher: a, widthBits: 8, features: [x, kind]}
            threshold: 3
            step: 0.01
        - rule: closed
          score:
            model: linear
            weights: {secret: true, publisher: a, widthBits: 8, features: [x, kind]}
            threshold: secret
            step: 0.01
      """;

  @TempDir private Path folder;

  private RuleSet ruleSet() throws IOException {
    return RuleSet.load(Folders.write(folder, CONTRACT, RULES));
  }

  private final Problems problems = new Problems();

  @BeforeEach
  void write() throws IOException {
    Folders.write(folder, CONTRACT, RULES);
  }

  private Optional<long[]> read(int rule, String model, String threshold) throws IOException {
    RuleSet ruleSet = ruleSet();
    Path file = folder.resolve("own.json");
    Files.writeString(file, "{\"type\": \"linear\", " + model + "}");
    return SecretValues.read(
        ((Rule.BySecretScore) ruleSet.rules().get(rule).body()).score(),
        ruleSet.plan().secretModels().get(rule),
        ruleSet.contract(),
        file,
        threshold.isEmpty() ? Optional.empty() : Optional.of(new BigDecimal(threshold)),
        problems);
  }

  private List<Code> codes() {
    return problems.list().stream().map(Problem::code).toList();
  }

  @Test
  void weightsAreIntegersAtTheScale() throws IOException {
    // A tenth of x weighs 0.05 and 0.01 is a unit; what the file leaves out weighs nothing.
    String model = "\"features\": [\"x\", \"kind=c\"], \"coef\": [0.5, -1.27], \"intercept\": 2";
    assertThat(read(0, model, "").orElseThrow()).containsExactly(5, 0, 0, -127, 200);
    assertThat(read(1, model, "3").orElseThrow()).containsExactly(5, 0, 0, -127, -100);
    assertThat(codes()).isEmpty();
  }

  @Test
  void theOracleFlagsFromTheThresholdOn() throws IOException {
    String model = "\"features\": [\"x\", \"kind=c\"], \"coef\": [0.5, -1.27], \"intercept\": 2";
    Map<String, long[]> models =
        Map.of(
            "open", read(0, model, "").orElseThrow(), "closed", read(1, model, "3").orElseThrow());
    // x = 2.0 gives 3; with kind c it gives 1.73, unless that is missing.
    long[][] columns = {{20, 19, 20, 20}, {0, 0, 2, 2}, {0, 0, 0, 1}};
    Oracle.Result result = new Oracle(ruleSet().plan(), models).evaluate(columns, 4);
    for (int rule = 0; rule < 2; rule++) {
      assertThat(result.flaggedRows(rule).stream().toArray()).containsExactly(0, 3);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> new Oracle(ruleSet().plan()));
  }

  @Test
  void aWeightOfMoreBitsIsRefused() throws IOException {
    assertThat(read(0, "\"features\": [\"kind=c\"], \"coef\": [-1.28], \"intercept\": 0", ""))
        .isEmpty();
    assertThat(codes()).containsExactly(Code.CDT_245);
  }

  @Test
  void aConstantBeyondEverySumIsRefused() throws IOException {
    // 127 * (1000 + 1) and the threshold's 300.
    String model = "\"features\": [\"x\"], \"coef\": [0], \"intercept\": ";
    assertThat(read(0, model + "-1274.27", "")).isPresent();
    assertThat(read(0, model + "-1274.28", "")).isEmpty();
    assertThat(codes()).containsExactly(Code.CDT_245);
  }

  @Test
  void otherFeaturesAndThresholdsAreRefused() throws IOException {
    String model = "\"features\": [\"x\"], \"coef\": [0.1], \"intercept\": 0";
    assertThat(read(0, model, "3")).isEmpty();
    assertThat(read(1, model, "")).isEmpty();
    assertThat(codes()).containsExactly(Code.CDT_245, Code.CDT_245);
  }
}
