package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureType.Kind;
import org.concordat.rules.model.SecretScore;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;

/**
 * Compiles scores with secret weights. A number or flag takes one weight, a category one for each
 * of its values; the last value of the model is the constant. Nothing is known of the weights but
 * their declared width, and the proof that nothing wraps around rests on it.
 */
final class SecretCompiler {
  private static final BigInteger ZERO = BigInteger.ZERO;

  private final PlanBuilder builder;
  private final FeatureNodes features;
  private final Problems problems;

  SecretCompiler(PlanBuilder builder, FeatureNodes features, Problems problems) {
    this.builder = builder;
    this.features = features;
    this.problems = problems;
  }

  /** A score; nothing where it was refused. */
  Optional<ScoreCompiler.Compiled> compile(String rule, SecretScore score) {
    try {
      return compiled(rule, score);
    } catch (OverflowException e) {
      Compiler.overflow(e, score.place(), problems);
      return Optional.empty();
    }
  }

  private Optional<ScoreCompiler.Compiled> compiled(String rule, SecretScore score)
      throws OverflowException {
    List<Integer> inputs = new ArrayList<>();
    // A category has one of its values at most.
    BigInteger reach = ZERO;
    for (Feature feature : score.features()) {
      if (feature.type().kind() == Kind.CATEGORY) {
        addNames(feature, inputs);
        reach = reach.add(BigInteger.ONE);
      } else {
        inputs.add(builder.sum(features.value(feature)));
        BigInteger min = BigInteger.valueOf(feature.min()).abs();
        reach = reach.add(BigInteger.valueOf(feature.max()).abs().max(min));
      }
    }
    if (inputs.size() >= SecretModel.VALUES_MAX) {
      problems.add(
          Code.CDT_220,
          score.place(),
          "The score has more than " + (SecretModel.VALUES_MAX - 1) + " weights.",
          Code.CDT_220.fix());
      return Optional.empty();
    }
    BigDecimal scale = BigDecimal.ONE.divide(score.step());
    BigInteger threshold =
        score.threshold().map(bound -> Compiler.ceil(bound.multiply(scale))).orElse(ZERO);
    BigInteger weightMax = BigInteger.ONE.shiftLeft(score.widthBits() - 1).subtract(BigInteger.ONE);
    BigInteger sumMax = weightMax.multiply(reach);
    // With a larger one no payment would be flagged, or every one.
    BigInteger constantMax = sumMax.add(threshold.abs());
    BigInteger max = sumMax.add(constantMax);
    if (max.add(threshold.abs()).bitLength() >= PlanBuilder.SUM_BITS_MAX) {
      throw new OverflowException(max.add(threshold.abs()).bitLength() + 1);
    }
    List<Long> limits =
        new ArrayList<>(Collections.nCopies(inputs.size(), weightMax.longValueExact()));
    limits.add(constantMax.longValueExact());
    int node = builder.secretSum(SecretModel.ofWeights(rule, score.publisher(), limits), inputs);
    LinearForm form = LinearForm.constant(ZERO).plus(node, BigInteger.ONE, max.negate(), max);
    return Optional.of(
        new ScoreCompiler.Compiled(
            builder.not(builder.negative(form.plus(threshold.negate()))),
            node,
            max.bitLength() + 1,
            scale.longValueExact(),
            threshold.longValueExact(),
            bound -> builder.not(builder.negative(form.plus(bound.negate())))));
  }

  private void addNames(Feature feature, List<Integer> inputs) throws OverflowException {
    Bit present = features.present(feature);
    for (int value = 0; value < feature.values().size(); value++) {
      Bit isOne = features.in(feature, new TreeSet<>(List.of(BigInteger.valueOf(value))));
      LinearForm form =
          features.addTo(
              LinearForm.constant(ZERO), builder.and(List.of(isOne, present)), BigInteger.ONE);
      inputs.add(builder.sum(form));
    }
  }
}
