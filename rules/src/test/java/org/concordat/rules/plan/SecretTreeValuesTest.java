package org.concordat.rules.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.oracle.Oracle;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secret trees as bits decide and add up as the public form of the same file does. */
class SecretTreeValuesTest {
  private static final int ROWS = 400;
  private static final String FEATURES = "amount, age, channel, flag, change, speed";

  private final long seed = Long.getLong("concordat.seed", 1L);
  private final Problems problems = new Problems();

  @TempDir private Path folder;

  private RuleSet write(String model, String shape, String threshold) throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.writeString(folder.resolve("models/model.txt"), model);
    return RuleSet.load(
        Folders.write(
            folder,
            RandomTrees.CONTRACT,
            """
            format: 1
            ruleSet: trees
            version: 1
            contract: trees@1
            rules:
              - rule: open
                score: {model: trees, file: models/model.txt, threshold: 0.5, step: 0.001}
              - rule: closed
                score:
                  model: trees
                  trees: {secret: true, publisher: bank-a, %s}
                  threshold: %s
                  step: 0.001
                tell: %s
            """
                .formatted(
                    shape,
                    threshold,
                    threshold.equals("secret")
                        ? "{score: none}"
                        : "{score: band, cuts: [0.4, 0.6]}")));
  }

  private static String shape(int count, int depth, String features) {
    return "count: %d, depth: %d, leafBits: 24, probability: true, features: [%s]"
        .formatted(count, depth, features);
  }

  private Optional<long[]> read(RuleSet ruleSet, Optional<BigDecimal> threshold) {
    SecretTreeScore score = ((Rule.BySecretTrees) ruleSet.rules().get(1).body()).score();
    return SecretTreeValues.read(score, folder.resolve("models/model.txt"), threshold, problems);
  }

  /** The plan's node of the secret sum, for each row. */
  private static long[] sums(Plan plan, long[] model, long[][] columns) {
    long[][] values = new long[plan.nodes().size()][];
    for (int node = 0; node < values.length; node++) {
      Node of = plan.nodes().get(node);
      values[node] = PlainColumns.of(of, Map.of("closed", model), columns, values, ROWS);
      if (of instanceof Node.SecretForest) {
        return values[node];
      }
    }
    throw new AssertionError("no secret trees");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.5", "secret"})
  void sumsAndFlagsAreThoseOfThePublicForm(String threshold) throws IOException {
    for (int run = 0; run < 12; run++) {
      var random = new Random(seed + run);
      int trees = 6 + random.nextInt(8);
      RuleSet ruleSet =
          write(
              RandomTrees.model(random, trees, 9, run % 4 == 0, false),
              shape(trees, 8, FEATURES),
              threshold);
      boolean isSecret = threshold.equals("secret");
      long[] model =
          read(ruleSet, isSecret ? Optional.of(new BigDecimal("0.5")) : Optional.empty())
              .orElseThrow();
      long[][] columns = RandomTrees.rows(ruleSet.contract(), random, new double[ROWS][]);
      var oracle = new Oracle(ruleSet.plan(), Map.of("closed", model));
      Oracle.Result result = oracle.evaluate(columns, ROWS);
      long[] sums = sums(ruleSet.plan(), model, columns);
      for (int row = 0; row < ROWS; row++) {
        // A logit of 0 is the threshold.
        assertThat(sums[row] - ((long) trees << 23))
            .as("run %d, row %d, seed %d", run, row, seed)
            .isEqualTo(result.score(0, row));
        assertThat(result.flagged(1, row)).isEqualTo(result.flagged(0, row));
      }
    }
  }

  @Test
  void treesThatAreMissingAddNothing() throws IOException {
    String one = RandomTrees.model(new Random(seed), 1, 9, false, false);
    RuleSet ruleSet = write(one, shape(1, 8, FEATURES), "0.5");
    RuleSet padded = write(one, shape(3, 8, FEATURES), "0.5");
    long[][] columns = RandomTrees.rows(ruleSet.contract(), new Random(seed), new double[ROWS][]);
    long[] alone = sums(ruleSet.plan(), read(ruleSet, Optional.empty()).orElseThrow(), columns);
    long[] among = sums(padded.plan(), read(padded, Optional.empty()).orElseThrow(), columns);
    for (int row = 0; row < ROWS; row++) {
      assertThat(among[row] - (3L << 23)).isEqualTo(alone[row] - (1L << 23));
    }
  }

  /** A tree that asks one question, of a feature in LightGBM's numbering. */
  private static String stump(int feature, String threshold, int decision) {
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
                .formatted(feature, threshold, decision)),
        false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-50.01", "-50", "-49.99", "0", "49.99", "50", "1e300"})
  void boundsAtTheEndsOfARange(String bound) throws IOException {
    // The public form of an always true test flags every row, which is refused.
    RuleSet ruleSet = write(stump(0, "0", 2), shape(1, 1, "amount"), "0.5");
    Files.writeString(folder.resolve("models/model.txt"), stump(0, bound, 2));
    long[] bits = read(ruleSet, Optional.empty()).orElseThrow();
    long[][] columns = new long[ruleSet.contract().layout().fields().size()][ROWS];
    long[] codes = {0, 1, 4_999, 5_000, 5_001, 9_999, 10_000};
    System.arraycopy(codes, 0, columns[0], 0, codes.length);
    long[] sums = sums(ruleSet.plan(), bits, columns);
    for (int row = 0; row < codes.length; row++) {
      boolean isLeft = (codes[row] - 5_000) / 100.0 <= Double.parseDouble(bound);
      assertThat(sums[row] - (1 << 23) < 0).as("code %d", codes[row]).isEqualTo(isLeft);
    }
  }

  private List<Code> codes() {
    return problems.list().stream().map(Problem::code).toList();
  }

  @Test
  void whatDoesNotFitIsRefusedAtItsPlace() throws IOException {
    String model = RandomTrees.model(new Random(seed), 8, 9, false, false);
    assertThat(read(write(model, shape(7, 8, FEATURES), "0.5"), Optional.empty())).isEmpty();
    assertThat(problems.list().getLast().toString())
        .contains("model.txt", "The model has 8 trees; the rule declares 7.");
    assertThat(read(write(model, shape(8, 2, FEATURES), "0.5"), Optional.empty())).isEmpty();
    assertThat(problems.list().getLast().toString()).contains("trees[", "deeper than the declared");
    assertThat(read(write(model, shape(8, 8, "amount"), "0.5"), Optional.empty())).isEmpty();
    assertThat(problems.list().getLast().toString()).contains("doesn't offer the feature");
    String narrow = shape(8, 8, FEATURES).replace("24", "8");
    assertThat(read(write(model, narrow, "0.5"), Optional.empty())).isEmpty();
    assertThat(problems.list().getLast().toString()).contains("the declared 8 bits", "trees[");
    String scores = shape(8, 8, FEATURES).replace("true, features", "false, features");
    assertThat(read(write(model, scores, "0.5"), Optional.empty())).isEmpty();
    assertThat(problems.list().getLast().toString()).contains("probability: true");
    assertThat(codes()).containsOnly(Code.CDT_245);
  }

  @Test
  void aTestOfTwoPartsOfAWideFeatureIsRefused() throws IOException {
    // Zero counts as missing and goes right, what is below 20 left.
    RuleSet ruleSet = write(stump(0, "20.0", 4), shape(1, 1, "amount"), "0.5");
    assertThat(read(ruleSet, Optional.empty())).isEmpty();
    assertThat(problems.list())
        .singleElement()
        .satisfies(problem -> assertThat(problem.toString()).contains("no single bound"));
  }

  @Test
  void shapesTakeTheCheapestDigitsThatFit() {
    List<TreeTables.Code> codes =
        List.of(new TreeTables.Code(7, false), new TreeTables.Code(4, true));
    assertThat(TreeTables.cheapest(100, 6, 16, codes).digits()).isEqualTo(1);
    TreeTables few = TreeTables.cheapest(1, 2, 16, codes);
    assertThat(few.digitBits()).isLessThan(7);
    assertThat(few.inputs(0)).isGreaterThan(few.inputs(few.digits() - 1));
    for (int bits = 1; bits <= 8; bits++) {
      var tables = new TreeTables(3, 2, 5, bits, codes);
      int width = 0;
      for (int digit = 0; digit < tables.digits(codes.get(1)); digit++) {
        width += tables.digitWidth(codes.get(1), digit);
      }
      assertThat(width).isEqualTo(4);
      assertThat(tables.bits()).isEqualTo(tables.leafOffset(2) + 5 * 4);
    }
  }
}
