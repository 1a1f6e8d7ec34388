package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.Folders;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Cost;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.language.Rule;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RandomTrees;
import org.concordat.rules.plan.SecretModel;
import org.concordat.rules.plan.SecretTreeValues;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.share.ShareField;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secret trees on shares flag what the public form of the same file flags. */
class SecretTreesTest {
  private static final String FEATURES = "[amount, age, channel, flag, change, speed]";

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @TempDir private Path folder;

  private RuleSet ruleSet(String model, int trees, int depth, String features) throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.writeString(folder.resolve("models/model.txt"), model);
    String rules =
        """
        format: 1
        ruleSet: trees
        version: 1
        contract: trees@1
        rules:
          - rule: open
            score: {model: trees, file: models/model.txt, threshold: 0.5, step: 0.001}
            tell: {score: band, cuts: [0.45, 0.55]}
          - rule: closed
            score: {model: trees, trees: SHAPE, threshold: 0.5, step: 0.001}
            tell: {score: band, cuts: [0.45, 0.55]}
          - rule: sealed
            score: {model: trees, trees: SHAPE, threshold: secret, step: 0.001}
            tell: {score: none}
        """;
    String shape =
        "{secret: true, publisher: bank-a, count: %d, depth: %d, leafBits: 20,"
            + " probability: true, features: %s}";
    return RuleSet.load(
        Folders.write(
            folder,
            RandomTrees.CONTRACT,
            rules.replace("SHAPE", shape.formatted(trees, depth, features))));
  }

  private Map<String, long[]> models(RuleSet ruleSet) {
    Map<String, long[]> models = new HashMap<>();
    var problems = new Problems();
    for (Rule rule : ruleSet.rules()) {
      if (rule.body() instanceof Rule.BySecretTrees(var score)) {
        Optional<BigDecimal> threshold =
            score.threshold().isPresent() ? Optional.empty() : Optional.of(new BigDecimal("0.5"));
        Path file = folder.resolve("models/model.txt");
        models.put(
            rule.name(), SecretTreeValues.read(score, file, threshold, problems).orElseThrow());
      }
    }
    return models;
  }

  /** By party, the parts of models whose words are exclusive ors of three components. */
  private List<Map<String, ModelShares>> shared(Map<String, long[]> models) {
    List<Map<String, ModelShares>> byParty =
        List.of(new HashMap<>(), new HashMap<>(), new HashMap<>());
    models.forEach(
        (rule, words) -> {
          long[][] components = {
            random.longs(words.length).toArray(),
            random.longs(words.length).toArray(),
            words.clone()
          };
          for (int i = 0; i < words.length; i++) {
            components[2][i] ^= components[0][i] ^ components[1][i];
          }
          for (int party = 0; party < 3; party++) {
            var part = new ModelShares(components[party], components[(party + 1) % 3]);
            byParty.get(party).put(rule, part);
          }
        });
    return byParty;
  }

  private Set<String> told(Plan plan, Map<String, long[]> models, long[][] columns, int count) {
    return ToldRows.of(ToldRows.evaluate(plan, shared(models), columns, count, seed));
  }

  @ParameterizedTest
  @CsvSource({"1, 8, 1", "3, 63, 2", "20, 64, 3", "20, 65, 4", "9, 300, 5"})
  void flagsAreThoseOfThePublicForm(int trees, int rows, int salt) throws IOException {
    String model =
        trees == 1
            ? stump()
            : RandomTrees.model(new Random(seed + salt), trees, 9, salt == 3, false);
    RuleSet ruleSet = ruleSet(model, trees, 8, FEATURES);
    Map<String, long[]> models = models(ruleSet);
    long[][] columns = RandomTrees.rows(ruleSet.contract(), random, new double[rows][]);
    Set<String> told = told(ruleSet.plan(), models, columns, rows);
    assertThat(told)
        .as("seed %d", seed)
        .isEqualTo(ToldRows.expected(ruleSet.plan(), models, columns, rows));
    List<Set<String>> byRule = List.of(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    told.forEach(each -> byRule.get(each.charAt(0) - '0').add(each.substring(2)));
    assertThat(byRule.get(1)).isEqualTo(byRule.get(0));
    List<String> flagged = new ArrayList<>();
    byRule.get(0).forEach(each -> flagged.add(each.substring(0, each.indexOf('/')) + "/0"));
    assertThat(byRule.get(2)).containsExactlyInAnyOrderElementsOf(flagged);
  }

  private static String stump() {
    return RandomTrees.model(
        List.of(
            """
            num_leaves=2
            num_cat=0
            split_feature=4
            threshold=-0.05
            decision_type=10
            left_child=-1
            right_child=-2
            leaf_value=-0.25 0.25
            """),
        false);
  }

  /** Whatever a publisher shares and a bank submits: the engine computes what the oracle does. */
  @ParameterizedTest
  @ValueSource(strings = {FEATURES, "[amount]", "[flag, channel]", "[change, speed, amount]"})
  void anyBitsAndAnyRowsGiveTheOraclesFlags(String features) throws IOException {
    RuleSet ruleSet = ruleSet(stump(), 2, 3, features);
    Plan plan = ruleSet.plan();
    Map<String, long[]> models = new HashMap<>();
    for (SecretModel model : plan.secretModels()) {
      models.put(model.rule(), random.longs(model.values()).toArray());
    }
    int rows = 130;
    long[][] columns = new long[plan.layout().fields().size()][];
    for (int field = 0; field < columns.length; field++) {
      ShareField of = plan.layout().fields().get(field);
      long mask = -1L >>> (64 - of.widthBits());
      columns[field] = random.longs(rows).map(word -> word & mask).toArray();
    }
    Set<String> told = told(plan, models, columns, rows);
    Set<String> expected = ToldRows.expected(plan, models, columns, rows);
    // The public rule's proofs hold for a contract's rows only.
    told.removeIf(each -> each.startsWith("0/"));
    expected.removeIf(each -> each.startsWith("0/"));
    assertThat(told).as("seed %d", seed).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, '[flag]'",
    "2, 2, '[age]'",
    "20, 4, '[amount, age, channel, flag, change, speed]'",
    "100, 5, '[age, channel, speed]'",
    "3, 8, '[change, flag]'"
  })
  void explainPromisesWhatTheEngineSpends(int trees, int depth, String features)
      throws IOException {
    RuleSet ruleSet = ruleSet(stump(), trees, depth, features);
    Cost cost = Explanation.of(ruleSet, Optional.empty()).total();
    var evaluator = new PlanEvaluator(ruleSet.plan());
    assertThat(cost.rounds()).isEqualTo(evaluator.rounds());
    assertThat(cost.andGates()).isEqualTo(evaluator.ands());
  }
}
