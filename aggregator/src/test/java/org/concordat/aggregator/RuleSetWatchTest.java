package org.concordat.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.aggregator.metrics.AggregatorMetrics;
import org.concordat.aggregator.worker.Scoring;
import org.concordat.aggregator.worker.Scorings;
import org.concordat.rules.LaterRuleSets;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleSetWatchTest {
  private static final String CONTRACT =
      """
      format: 1
      contract: sets
      version: 1
      currency: EUR
      features:
        x: {type: integer, min: 0, max: 1000}
      """;

  private static final int SLOTS = 4_096;
  private static final long PATIENCE_SECONDS = 60;

  private final SigningKey key = SigningKey.generate(new SecureRandom());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @TempDir private Path temp;
  private RuleSet first;
  private Scorings scorings;

  @BeforeEach
  void begin() throws IOException {
    first = write(temp.resolve("rules"), 1, 1);
    scorings = new Scorings(new Scoring(first.plan(), new PlanEvaluator(first.plan())));
  }

  /** As many rules, each of which opens a flag. */
  private RuleSet write(Path folder, int version, int rules) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("contract.yaml"), CONTRACT);
    var text = new StringBuilder("format: 1\nruleSet: sets\nversion: " + version + "\n");
    text.append("contract: sets@1\nrules:\n");
    for (int rule = 0; rule < rules; rule++) {
      text.append("  - {rule: r%d, condition: {feature: x, above: %d}}%n".formatted(rule, rule));
    }
    Files.writeString(folder.resolve("rules.yaml"), text);
    RuleSet ruleSet = RuleSet.load(folder);
    SignatureFile.empty()
        .with("a", key.sign(RuleSet.SIGNATURE_LABEL, ruleSet.hash()))
        .write(folder.resolve("signatures.yaml"));
    return ruleSet;
  }

  private RuleSetWatch watch() {
    var nothing = new Digest(new byte[32]);
    var bank =
        new Charter.Bank(
            "a", key.verifier(), SealingKeyPair.generate(new SecureRandom()).publicKey());
    var charter =
        new Charter(
            nothing,
            1,
            nothing,
            "test",
            Charter.Mode.TEST,
            "rep3",
            1,
            1,
            false,
            35,
            false,
            Set.of(1),
            new Charter.Caps(0, 128, 1000, 4),
            List.of(),
            List.of(bank));
    return new RuleSetWatch(
        new LaterRuleSets(Optional.of(temp.resolve("later")), first, charter),
        scorings,
        List.of("a"),
        SLOTS,
        scorings.first().evaluator().roundWordsMax(SLOTS),
        new AggregatorMetrics(meters, "test"));
  }

  private double inForce(int version) {
    return meters
        .get("concordat.aggregator.rule.set")
        .tag("version", Integer.toString(version))
        .gauge()
        .value();
  }

  @Test
  void whatIsThereAtTheStartIsReadyAtOnce() throws IOException {
    RuleSet second = write(temp.resolve("later/second"), 2, 1);
    try (var _ = watch()) {
      assertThat(scorings.later()).containsExactly(new RuleSetId(new Digest(second.hash()), 2));
      assertThat(inForce(1)).isEqualTo(1);
      assertThat(inForce(2)).as("ready, and none has scored by it").isZero();
    }
  }

  @Test
  void whatSendsMoreInARoundIsRefused() throws IOException {
    write(temp.resolve("later/second"), 2, 100);
    write(temp.resolve("later/third"), 3, 1);
    try (var _ = watch()) {
      assertThat(scorings.later()).extracting(RuleSetId::version).containsExactly(3);
    }
  }

  @Test
  void whatComesLaterIsTakenUp() throws Exception {
    try (var watch = watch()) {
      var changes = new LinkedBlockingQueue<Boolean>();
      var failures = new LinkedBlockingQueue<Throwable>();
      watch.start(() -> changes.offer(true), failures::offer);
      write(temp.resolve("later/second"), 2, 1);
      assertThat(changes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(scorings.later()).hasSize(1);
      assertThat(failures).isEmpty();
    }
  }
}
