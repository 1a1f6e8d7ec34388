package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.feature.SourceFile;
import org.concordat.rules.model.ModelFile;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.model.WeightedSum;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/** A publisher's own model as the values that its rule's plan takes. */
public final class SecretValues {
  private SecretValues() {}

  /**
   * Reads a model file.
   *
   * @param threshold in the score's unit, of a logistic score a probability; given exactly where
   *     the rule says that it is secret
   * @return the values at the score's scale, each within its limit; nothing where {@code problems}
   *     has grown
   */
  public static Optional<long[]> read(
      SecretScore score,
      SecretModel model,
      FeatureContract contract,
      Path file,
      Optional<BigDecimal> threshold,
      Problems problems) {
    Place place = Place.of(file.toString());
    if (!isGiven(score.threshold(), threshold, place, problems)
        || (score.kind() != Score.Kind.LINEAR && !isProbability(threshold, place, problems))) {
      return Optional.empty();
    }
    return ModelFile.read(SourceFile.read(file), score.kind(), Map.of(), contract, problems)
        .flatMap(sum -> values(score, model, sum, threshold, place, problems));
  }

  /** Whether a threshold is given where it is secret, and only there. */
  static boolean isGiven(
      Optional<BigDecimal> known, Optional<BigDecimal> given, Place place, Problems problems) {
    if (given.isPresent() == known.isPresent()) {
      problems.add(
          Code.CDT_245,
          place,
          given.isPresent() ? "The rule's threshold is public." : "The threshold is missing.",
          "Name the threshold where the rule says 'threshold: secret', and only there.");
    }
    return given.isPresent() != known.isPresent();
  }

  /** Whether a threshold that is a probability lies between 0 and 1. */
  static boolean isProbability(Optional<BigDecimal> threshold, Place place, Problems problems) {
    boolean holds =
        threshold.stream().allMatch(p -> p.signum() > 0 && p.compareTo(BigDecimal.ONE) < 0);
    if (!holds) {
      problems.add(
          Code.CDT_219, place, "The threshold is a probability.", "Name one above 0 and below 1.");
    }
    return holds;
  }

  private static Optional<long[]> values(
      SecretScore score,
      SecretModel model,
      WeightedSum sum,
      Optional<BigDecimal> threshold,
      Place place,
      Problems problems) {
    int before = problems.list().size();
    BigDecimal scale = BigDecimal.ONE.divide(score.step());
    Map<Feature, WeightedSum.Term> terms = new HashMap<>();
    for (WeightedSum.Term term : sum.terms()) {
      terms.put(term.feature(), term);
      if (!score.features().contains(term.feature())) {
        problems.add(
            Code.CDT_245,
            place,
            "The rule doesn't take the feature '" + term.feature().name() + "'.",
            Code.CDT_245.fix());
      }
    }
    BigInteger[] values = new BigInteger[model.values()];
    int at = 0;
    for (Feature feature : score.features()) {
      WeightedSum.Term term = terms.get(feature);
      int count = feature.type().kind() == Kind.CATEGORY ? feature.values().size() : 1;
      for (int value = 0; value < count; value++) {
        values[at++] = rounded(weight(term, value).multiply(scale));
      }
    }
    BigDecimal constant =
        sum.constant()
            .subtract(threshold.map(bound -> unit(bound, score.kind())).orElse(BigDecimal.ZERO));
    // With a secret threshold the constant is what is left to reach 0: rounded down, no row that
    // the exact threshold lets pass is flagged.
    values[at] =
        threshold.isPresent()
            ? constant.multiply(scale).setScale(0, RoundingMode.FLOOR).toBigIntegerExact()
            : rounded(constant.multiply(scale));
    long[] words = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      BigInteger limit = BigInteger.valueOf(model.limits().get(i));
      if (values[i].abs().compareTo(limit) > 0) {
        problems.add(
            Code.CDT_245,
            place,
            i + 1 == values.length
                ? "The model's constant is larger than any sum of its weights."
                : "A weight needs more than the declared " + score.widthBits() + " bits.",
            "Declare more bits or a coarser step in the rule, or scale the model.");
        return Optional.empty();
      }
      words[i] = values[i].longValueExact();
    }
    return problems.list().size() > before ? Optional.empty() : Optional.of(words);
  }

  private static BigDecimal weight(WeightedSum.@Nullable Term term, long value) {
    return switch (term) {
      case null -> BigDecimal.ZERO;
      case WeightedSum.Number number -> number.weight().movePointLeft(number.feature().decimals());
      case WeightedSum.Names names -> names.weights().getOrDefault(value, BigDecimal.ZERO);
    };
  }

  /** A threshold in the score's unit: of a logistic score the logit. */
  static BigDecimal unit(BigDecimal threshold, Score.Kind kind) {
    if (kind == Score.Kind.LINEAR) {
      return threshold;
    }
    double probability = threshold.doubleValue();
    return new BigDecimal(StrictMath.log(probability) - StrictMath.log1p(-probability))
        .round(MathContext.DECIMAL128);
  }

  private static BigInteger rounded(BigDecimal value) {
    return value.setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
  }
}
