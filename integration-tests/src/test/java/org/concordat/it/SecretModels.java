package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.ops.Concordat;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.plan.SecretTreeValues;
import org.concordat.rules.plan.SecretValues;
import org.concordat.schemas.problem.Problems;

/**
 * The shipped rules and two more, {@code own-model} and {@code own-trees}, whose weights and trees
 * one bank publishes as sealed shares.
 */
final class SecretModels {
  private static final String RULE =
      """

        - rule: own-model
          title: The publisher's own score
          score:
            model: linear
            weights:
              secret: true
              publisher: %s
              widthBits: 20
              features: [amount, channel, payee_known, device_new, payments_24h]
            threshold: secret
            step: 0.0001
          tell: {score: none}
        - rule: own-trees
          title: The publisher's own trees
          score:
            model: trees
            trees:
              secret: true
              publisher: %s
              count: 3
              depth: 2
              leafBits: 20
              probability: true
              features: [amount, channel, payee_known, device_new, payments_24h]
            threshold: 0.6
            step: 0.001
          tell: {score: band, cuts: [0.7, 0.9]}
      """;

  private static final String MODEL =
      """
      {"type": "linear",
       "features": ["amount", "channel=web", "channel=phone", "payee_known", "device_new"],
       "coef": [0.05, 7.5, 33.25, -40, 25.5], "intercept": -60}
      """;

  /** LightGBM's: a large amount to an unknown payee, or a new device with a channel of some. */
  private static final String TREES =
      """
      tree
      version=v4
      num_class=1
      num_tree_per_iteration=1
      max_feature_idx=3
      objective=binary sigmoid:1
      feature_names=amount channel payee_known device_new

      Tree=0
      num_leaves=3
      num_cat=0
      split_feature=0 2
      threshold=250.5 0.5
      decision_type=2 2
      left_child=-1 -2
      right_child=1 -3
      leaf_value=-0.5 1.25 -0.25

      Tree=1
      num_leaves=3
      num_cat=1
      split_feature=3 1
      threshold=0.5 0
      decision_type=2 1
      left_child=-1 -2
      right_child=1 -3
      leaf_value=-0.125 1.5 0.25
      cat_boundaries=0 1
      cat_threshold=5

      end of trees
      """;

  /** The rule set. */
  final Path rules;

  private final Path model;
  private final Path trees;
  private final String publisher;

  private SecretModels(Path folder, String publisher) {
    this.rules = folder.resolve("rules");
    this.model = folder.resolve("own.json");
    this.trees = folder.resolve("trees.txt");
    this.publisher = publisher;
  }

  /** Writes the rule set, and the models' files beside it. */
  static SecretModels write(Path folder, String publisher) throws IOException {
    var models = new SecretModels(folder, publisher);
    Runs.copy(ShippedRules.folder("payments"), models.rules);
    Path file = models.rules.resolve("rules.yaml");
    Files.writeString(file, Files.readString(file) + RULE.formatted(publisher, publisher));
    Files.writeString(models.model, MODEL);
    Files.writeString(models.trees, TREES);
    return models;
  }

  /** Publishes both, by the publisher's own rights. */
  void publish(Path consortium) {
    assertThat(publish(consortium, "own-model", model, "--threshold=20"))
        .anyMatch(line -> line.startsWith("10 values of 'own-model'"));
    assertThat(publish(consortium, "own-trees", trees))
        .anyMatch(line -> line.matches("[0-9]+ words of 'own-trees'.*"));
  }

  private List<String> publish(Path consortium, String rule, Path file, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "rules",
                "publish-model",
                consortium.resolve("rules").toString(),
                "--rule=" + rule,
                "--model=" + file,
                "--config=" + consortium.resolve(publisher).resolve("agent.yaml")));
    arguments.addAll(List.of(more));
    var text = new StringWriter();
    var out = new PrintWriter(text);
    int status = Concordat.run(out, out, arguments.toArray(String[]::new));
    out.flush();
    assertThat(status).as(text.toString()).isEqualTo(Concordat.DONE);
    return text.toString().lines().toList();
  }

  /** What was published, for the oracle. */
  Map<String, long[]> values(RuleSet ruleSet) {
    var problems = new Problems();
    Map<String, long[]> values = new HashMap<>();
    for (Rule rule : ruleSet.rules()) {
      if (rule.body() instanceof Rule.BySecretScore(SecretScore score)) {
        Optional<long[]> weights =
            SecretValues.read(
                score,
                ruleSet.plan().secretModels().getFirst(),
                ruleSet.contract(),
                model,
                Optional.of(new BigDecimal("20")),
                problems);
        values.put(rule.name(), weights.orElseThrow());
      }
      if (rule.body() instanceof Rule.BySecretTrees(SecretTreeScore score)) {
        Optional<long[]> bits = SecretTreeValues.read(score, trees, Optional.empty(), problems);
        values.put(rule.name(), bits.orElseThrow());
      }
    }
    return values;
  }
}
