package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.concordat.ops.Concordat;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.SecretTreeScore;
import org.concordat.rules.plan.SecretTreeValues;
import org.concordat.rules.plan.SecretValues;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A consortium runs rules whose weights and trees one bank has published as sealed shares, and
 * flags what the oracle with the plain models flags.
 */
class SecretModelIT {
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

  @TempDir private Path temp;

  @Test
  void alertsEqualTheOracleWithThePlainModel() throws Exception {
    Path folder = temp.resolve("secret");
    Path rules = rules("bank-a");
    Path model = Files.writeString(temp.resolve("own.json"), MODEL);
    Path trees = Files.writeString(temp.resolve("trees.txt"), TREES);
    try (Consortium consortium =
        Runs.simulated(folder, 2, 3_000, 1_000, 1, ConsortiumPlan.FLAGS_PER_BANK_AND_DAY, rules)) {
      assertThat(consortium.banks()).contains("bank-a");
      consortium.startBroker();
      consortium.startAggregators();
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> ready(consortium, "agg-1").contains("model-missing: own-model, bank-a"));
      assertThat(publish(folder, "own-model", model, "--threshold=20"))
          .anyMatch(line -> line.startsWith("10 values of 'own-model'"));
      assertThat(publish(folder, "own-trees", trees))
          .anyMatch(line -> line.matches("[0-9]+ words of 'own-trees'.*"));
      consortium.startAgents();
      Runs.awaitUp(consortium, 120);
      Runs.awaitComplete(consortium, 120);
      CheckReport report = OracleCheck.run(folder, ruleSet -> values(ruleSet, model, trees));
      assertThat(report.holds()).as(report.summary().toString()).isTrue();
      assertThat(report.alertsByRule().get("own-model")).isPositive();
      assertThat(report.alertsByRule().get("own-trees")).isPositive();
      assertThat(folder.resolve("agg-1/models")).isNotEmptyDirectory();
    }
  }

  private List<String> publish(Path folder, String rule, Path model, String... more)
      throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "rules",
                "publish-model",
                folder.resolve("rules").toString(),
                "--rule=" + rule,
                "--model=" + model,
                "--config=" + folder.resolve("bank-a/agent.yaml")));
    arguments.addAll(List.of(more));
    return Runs.command(
        temp.resolve(rule + ".log"), Concordat.DONE, arguments.toArray(String[]::new));
  }

  /** The shipped rules, one with secret weights and one with secret trees. */
  private Path rules(String publisher) throws IOException {
    Path rules = temp.resolve("rules");
    Path shipped = ShippedRules.folder("payments");
    try (Stream<Path> files = Files.walk(shipped)) {
      for (Path file : files.toList()) {
        Files.copy(file, rules.resolve(shipped.relativize(file).toString()));
      }
    }
    Path file = rules.resolve("rules.yaml");
    Files.writeString(file, Files.readString(file) + RULE.formatted(publisher, publisher));
    return rules;
  }

  private static String ready(Consortium consortium, String aggregator) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + consortium.aggregatorPort(aggregator) + "/ready");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static Map<String, long[]> values(RuleSet ruleSet, Path model, Path trees) {
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
