package org.concordat.aggregator.evaluate;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.rules.RuleSet;
import org.concordat.rules.language.Rule;
import org.concordat.rules.plan.SecretModel;
import org.concordat.rules.plan.SecretValues;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.ModelShare;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.ModelSealing;

/**
 * A rule set with secret weights, their publisher, and three aggregators that they are sealed to.
 */
public final class SecretModels {
  private static final Path FOLDER = Path.of("src/test/resources/rulesets/secret-weights");

  private final SecureRandom random = new SecureRandom();
  private final SigningKey signingKey = SigningKey.generate(random);
  private final List<SealingKeyPair> sealingKeys = new ArrayList<>();
  public final RuleSet ruleSet = RuleSet.load(FOLDER);
  public final Charter charter = charter();

  private Charter charter() {
    List<Charter.Aggregator> aggregators = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      sealingKeys.add(SealingKeyPair.generate(random));
      aggregators.add(
          new Charter.Aggregator(
              aggregator(i), "operator-" + i, SigningKey.generate(random).verifier()));
    }
    var alertKey = SealingKeyPair.generate(random).publicKey();
    return new Charter(
        new Digest(new byte[32]),
        1,
        new Digest(new byte[32]),
        "demo",
        Charter.Mode.TEST,
        "rep3",
        4,
        1,
        false,
        35,
        Set.of(1),
        new Charter.Caps(0, 64, 10, 4),
        aggregators,
        List.of(new Charter.Bank("bank-a", signingKey.verifier(), alertKey)));
  }

  public static String aggregator(int index) {
    return "agg-" + (index + 1);
  }

  public Optional<SealingKeyPair> sealingKey(int aggregator) {
    return Optional.of(sealingKeys.get(aggregator));
  }

  /** Values of each rule's model as its publisher reads them from a file. */
  Map<String, long[]> values() {
    return Map.of(
        "own-model", values(0, "linear.json", Optional.empty()),
        "odds", values(1, "odds.json", Optional.of(new BigDecimal("0.5"))));
  }

  private long[] values(int rule, String file, Optional<BigDecimal> threshold) {
    var problems = new Problems();
    Optional<long[]> values =
        SecretValues.read(
            ((Rule.BySecretScore) ruleSet.rules().get(rule).body()).score(),
            ruleSet.plan().secretModels().get(rule),
            ruleSet.contract(),
            FOLDER.resolve("publisher").resolve(file),
            threshold,
            problems);
    problems.throwIfAny();
    return values.orElseThrow();
  }

  public ModelSealing.Purpose purpose(SecretModel model) {
    return new ModelSealing.Purpose(
        model.publisher(),
        new Digest(ruleSet.hash()),
        model.rule(),
        model.domain(),
        model.values());
  }

  /** A model's records, by aggregator. */
  public List<ModelShare> published(SecretModel model, long publication) {
    List<HpkeKey> keys = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      keys.add(
          new HpkeKey(
              Charter.PROTOCOL,
              charter.hash(),
              aggregator(i),
              "key",
              0,
              ByteBuffer.wrap(sealingKeys.get(i).publicKey().bytes()),
              0L,
              Long.MAX_VALUE,
              new Signature(new byte[64])));
    }
    long[] values = values().getOrDefault(model.rule(), new long[0]);
    return ModelSealing.seal(
        charter, purpose(model), publication, values, keys, signingKey, random);
  }
}
