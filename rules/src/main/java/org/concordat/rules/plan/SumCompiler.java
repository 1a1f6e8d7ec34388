package org.concordat.rules.plan;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.concordat.rules.model.WeightedSum;

/**
 * Weighted sums in integers. A weight at scale S is the integer nearest to {@code weight * S /
 * 10^decimals} of its feature, and nothing else is ever rounded.
 */
final class SumCompiler {
  private final PlanBuilder builder;
  private final FeatureNodes features;

  SumCompiler(PlanBuilder builder, FeatureNodes features) {
    this.builder = builder;
    this.features = features;
  }

  /** A sum's numbers at a scale, as they are compiled. */
  static final class Rounded {
    private final BigDecimal scale;

    Rounded(long scale) {
      this.scale = BigDecimal.valueOf(scale);
    }

    BigInteger constant(WeightedSum sum) {
      return rounded(sum.constant().multiply(scale));
    }

    BigInteger weight(WeightedSum.Number number) {
      return rounded(exact(number, scale));
    }

    BigInteger weight(WeightedSum.Names names, long value) {
      return rounded(names.weights().getOrDefault(value, BigDecimal.ZERO).multiply(scale));
    }
  }

  /** The sum times a scale. */
  LinearForm form(WeightedSum sum, BigDecimal scale) throws PlanBuilder.OverflowException {
    LinearForm form = LinearForm.constant(rounded(sum.constant().multiply(scale)));
    for (WeightedSum.Term term : sum.terms()) {
      switch (term) {
        case WeightedSum.Number number ->
            form = features.addTo(form, number.feature(), rounded(exact(number, scale)));
        case WeightedSum.Names names -> form = addNames(form, names, scale);
      }
    }
    return form;
  }

  private LinearForm addNames(LinearForm start, WeightedSum.Names names, BigDecimal scale)
      throws PlanBuilder.OverflowException {
    Map<Long, BigInteger> weights = new TreeMap<>();
    names.weights().forEach((value, weight) -> weights.put(value, rounded(weight.multiply(scale))));
    LinearForm form = start;
    Bit present = features.present(names.feature());
    for (var entry : FeatureNodes.byWeight(weights).entrySet()) {
      Bit isOne = features.in(names.feature(), entry.getValue());
      form = features.addTo(form, builder.and(List.of(isOne, present)), entry.getKey());
    }
    return form;
  }

  private static BigDecimal exact(WeightedSum.Number number, BigDecimal scale) {
    return number.weight().multiply(scale).movePointLeft(number.feature().decimals());
  }

  private static BigInteger rounded(BigDecimal weight) {
    return weight.setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
  }

  /** The smallest power of ten at which no weight and no bound is rounded. */
  static BigDecimal exactScale(WeightedSum sum, List<BigDecimal> bounds) {
    int decimals = decimals(sum.constant());
    for (BigDecimal bound : bounds) {
      decimals = Math.max(decimals, decimals(bound));
    }
    for (WeightedSum.Term term : sum.terms()) {
      switch (term) {
        case WeightedSum.Number number ->
            decimals = Math.max(decimals, decimals(exact(number, BigDecimal.ONE)));
        case WeightedSum.Names names -> {
          for (BigDecimal weight : names.weights().values()) {
            decimals = Math.max(decimals, decimals(weight));
          }
        }
      }
    }
    return BigDecimal.ONE.movePointRight(decimals);
  }

  private static int decimals(BigDecimal number) {
    return Math.max(0, number.stripTrailingZeros().scale());
  }

  /** By how much rounded weights can move the sum, over the features' whole ranges. */
  static BigDecimal roundingErrorMax(WeightedSum sum, BigDecimal scale) {
    UnaryOperator<BigDecimal> error = w -> w.subtract(new BigDecimal(rounded(w))).abs();
    BigDecimal total = error.apply(sum.constant().multiply(scale));
    for (WeightedSum.Term term : sum.terms()) {
      switch (term) {
        case WeightedSum.Number number -> {
          BigInteger min = BigInteger.valueOf(number.feature().min()).abs();
          BigInteger max = BigInteger.valueOf(number.feature().max()).abs();
          total =
              total.add(error.apply(exact(number, scale)).multiply(new BigDecimal(min.max(max))));
        }
        case WeightedSum.Names names ->
            total =
                total.add(
                    names.weights().values().stream()
                        .map(w -> error.apply(w.multiply(scale)))
                        .max(BigDecimal::compareTo)
                        .orElse(BigDecimal.ZERO));
      }
    }
    return total.divide(scale, MathContext.DECIMAL64);
  }
}
