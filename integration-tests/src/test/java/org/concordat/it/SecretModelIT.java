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
import org.concordat.rules.plan.SecretValues;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A consortium runs a rule whose weights one bank has published as sealed shares, and flags what
 * the oracle with the plain model flags.
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
          tell: {score: band, cuts: [50, 200]}
      """;

  private static final String MODEL =
      """
      {"type": "linear",
       "features": ["amount", "channel=web", "channel=phone", "payee_known", "device_new"],
       "coef": [0.05, 7.5, 33.25, -40, 25.5], "intercept": -60}
      """;

  @TempDir private Path temp;

  @Test
  void alertsEqualTheOracleWithThePlainModel() throws Exception {
    Path folder = temp.resolve("secret");
    Path rules = rules("bank-a");
    Path model = Files.writeString(temp.resolve("own.json"), MODEL);
    try (Consortium consortium =
        Runs.simulated(folder, 2, 3_000, 1_000, 1, ConsortiumPlan.FLAGS_PER_BANK_AND_DAY, rules)) {
      assertThat(consortium.banks()).contains("bank-a");
      consortium.startBroker();
      consortium.startAggregators();
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> ready(consortium, "agg-1").contains("model-missing: own-model, bank-a"));
      List<String> printed =
          Runs.command(
              temp.resolve("publish.log"),
              Concordat.DONE,
              "rules",
              "publish-model",
              folder.resolve("rules").toString(),
              "--rule=own-model",
              "--model=" + model,
              "--threshold=20",
              "--config=" + folder.resolve("bank-a/agent.yaml"));
      assertThat(printed).anyMatch(line -> line.startsWith("10 values of 'own-model'"));
      consortium.startAgents();
      Runs.awaitUp(consortium, 120);
      Runs.awaitComplete(consortium, 120);
      CheckReport report = OracleCheck.run(folder, ruleSet -> values(ruleSet, model));
      assertThat(report.holds()).as(report.summary().toString()).isTrue();
      assertThat(report.alertsByRule().get("own-model")).isPositive();
      assertThat(folder.resolve("agg-1/models")).isNotEmptyDirectory();
    }
  }

  /** The shipped rules and one with secret weights. */
  private Path rules(String publisher) throws IOException {
    Path rules = temp.resolve("rules");
    Path shipped = ShippedRules.folder("payments");
    try (Stream<Path> files = Files.walk(shipped)) {
      for (Path file : files.toList()) {
        Files.copy(file, rules.resolve(shipped.relativize(file).toString()));
      }
    }
    Path file = rules.resolve("rules.yaml");
    Files.writeString(file, Files.readString(file) + RULE.formatted(publisher));
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

  private static Map<String, long[]> values(RuleSet ruleSet, Path model) {
    var problems = new Problems();
    for (Rule rule : ruleSet.rules()) {
      if (rule.body() instanceof Rule.BySecretScore(SecretScore score)) {
        Optional<long[]> values =
            SecretValues.read(
                score,
                ruleSet.plan().secretModels().getFirst(),
                ruleSet.contract(),
                model,
                Optional.of(new BigDecimal("20")),
                problems);
        return Map.of(rule.name(), values.orElseThrow());
      }
    }
    throw new AssertionError("no rule has secret weights");
  }
}
