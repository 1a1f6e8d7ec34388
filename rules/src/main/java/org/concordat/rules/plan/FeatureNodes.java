package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.feature.FeatureType;
import org.concordat.schemas.share.Domain;
import org.jspecify.annotations.Nullable;

/** The contract's features as nodes, in the domain that an operation needs. */
final class FeatureNodes {
  private static final BigInteger ZERO = BigInteger.ZERO;

  private final FeatureContract contract;
  private final PlanBuilder builder;
  private final Map<String, Integer> computed = new HashMap<>();

  FeatureNodes(FeatureContract contract, PlanBuilder builder) {
    this.contract = contract;
    this.builder = builder;
  }

  private static boolean isBoolean(Feature feature) {
    return feature.domain() == Domain.BOOLEAN;
  }

  /** Names a node that is a flag: no row holds it. */
  void define(String feature, int node) {
    computed.put(feature, node);
  }

  private int field(Feature feature) {
    Integer node = computed.get(feature.name());
    if (node != null) {
      return node;
    }
    return builder.input(
        contract.fieldOf(feature.name()), feature.domain(), feature.shareField().widthBits());
  }

  /** The feature's unsigned code, as wide as {@link #codeBits} says. */
  int code(Feature feature) throws PlanBuilder.OverflowException {
    if (isBoolean(feature)) {
      return field(feature);
    }
    LinearForm code = value(feature).plus(BigInteger.valueOf(feature.offset()).negate());
    return builder.toCode(builder.sum(code), codeBits(feature));
  }

  /** Bits of the largest code. */
  static int codeBits(Feature feature) {
    return Math.max(1, code(feature, BigInteger.valueOf(feature.max())).bitLength());
  }

  /** Whether the value of an optional feature is missing. */
  int missing(Feature feature) {
    return builder.input(contract.missingFieldOf(feature.name()), Domain.BOOLEAN, 1);
  }

  private static BigInteger code(Feature feature, BigInteger value) {
    return value.subtract(BigInteger.valueOf(feature.offset()));
  }

  /** The feature's integer as a sum. */
  LinearForm value(Feature feature) {
    return addTo(LinearForm.constant(ZERO), feature, BigInteger.ONE);
  }

  /** Adds {@code weight * feature} to a sum. */
  LinearForm addTo(LinearForm form, Feature feature, BigInteger weight) {
    BigInteger min = BigInteger.valueOf(feature.min());
    BigInteger max = BigInteger.valueOf(feature.max());
    if (weight.signum() == 0) {
      return form;
    }
    if (!isBoolean(feature)) {
      return form.plus(field(feature), weight, min, max);
    }
    int node = builder.toArithmetic(field(feature));
    return form.plus(node, weight, code(feature, min), code(feature, max))
        .plus(weight.multiply(BigInteger.valueOf(feature.offset())));
  }

  /** Adds {@code weight * bit} to a sum. */
  LinearForm addTo(LinearForm form, Bit bit, BigInteger weight) {
    return switch (bit) {
      case Bit.Known(boolean value) -> value ? form.plus(weight) : form;
      case Bit.Of(int node) ->
          weight.signum() == 0
              ? form
              : form.plus(builder.toArithmetic(node), weight, ZERO, BigInteger.ONE);
    };
  }

  /**
   * Whether the value lies within inclusive bounds; missing values are whatever stands for them.
   */
  Bit within(Feature feature, @Nullable BigInteger from, @Nullable BigInteger to)
      throws PlanBuilder.OverflowException {
    Bit reaches = from == null ? new Bit.Known(true) : atLeast(feature, from);
    Bit exceeds = to == null ? new Bit.Known(false) : atLeast(feature, to.add(BigInteger.ONE));
    return builder.and(List.of(reaches, builder.not(exceeds)));
  }

  private Bit atLeast(Feature feature, BigInteger bound) throws PlanBuilder.OverflowException {
    if (!isBoolean(feature)) {
      return builder.not(builder.negative(value(feature).plus(bound.negate())));
    }
    BigInteger min = BigInteger.valueOf(feature.min());
    BigInteger max = BigInteger.valueOf(feature.max());
    if (min.signum() >= 0 && max.equals(BigInteger.ONE) && bound.equals(BigInteger.ONE)) {
      // The code is the bit.
      return min.signum() > 0 ? new Bit.Known(true) : new Bit.Of(field(feature));
    }
    return builder.atLeast(
        field(feature), code(feature, bound), code(feature, min), code(feature, max));
  }

  /** Whether a value that is there is below a bound; of bins the bound is one of their cuts. */
  Bit below(Feature feature, BigInteger bound) throws PlanBuilder.OverflowException {
    if (feature.type().kind() != FeatureType.Kind.BINS) {
      return builder.not(atLeast(feature, bound));
    }
    int bin = feature.cuts().indexOf(bound.longValueExact()) + 1;
    return builder.not(atLeast(feature, BigInteger.valueOf(bin)));
  }

  /** Whether the value is one of some. */
  Bit in(Feature feature, SortedSet<BigInteger> values) throws PlanBuilder.OverflowException {
    BigInteger min = BigInteger.valueOf(feature.min());
    BigInteger max = BigInteger.valueOf(feature.max());
    List<BigInteger> possible =
        values.stream().filter(v -> v.compareTo(min) >= 0 && v.compareTo(max) <= 0).toList();
    if (possible.isEmpty()) {
      return new Bit.Known(false);
    }
    BigInteger count = BigInteger.valueOf(possible.size());
    if (count.equals(max.subtract(min).add(BigInteger.ONE))) {
      return new Bit.Known(true);
    }
    if (!isBoolean(feature)) {
      return inRuns(feature, possible);
    }
    if (feature.shareField().widthBits() == 1) {
      Bit bit = new Bit.Of(field(feature));
      return code(feature, possible.getFirst()).signum() == 0 ? builder.not(bit) : bit;
    }
    List<Long> codes = possible.stream().map(v -> code(feature, v).longValue()).toList();
    return builder.in(field(feature), codes);
  }

  /** An arithmetic value has no code to look up: each run of neighbours is two comparisons. */
  private Bit inRuns(Feature feature, List<BigInteger> values)
      throws PlanBuilder.OverflowException {
    List<Bit> runs = new ArrayList<>();
    BigInteger from = values.getFirst();
    for (int i = 0; i < values.size(); i++) {
      BigInteger next = values.get(i).add(BigInteger.ONE);
      if (i + 1 == values.size() || !values.get(i + 1).equals(next)) {
        runs.add(within(feature, from, values.get(i)));
        from = i + 1 == values.size() ? from : values.get(i + 1);
      }
    }
    return builder.or(runs);
  }

  /** Whether {@code left >= right}, as numbers of the same unit or names of the same list. */
  Bit notBelow(Feature left, Feature right) throws PlanBuilder.OverflowException {
    boolean sameCodes =
        isBoolean(left)
            && isBoolean(right)
            && left.offset() == right.offset()
            && left.decimals() == right.decimals();
    if (sameCodes) {
      return builder.notBelow(field(left), field(right));
    }
    return builder.not(builder.negative(difference(left, right)));
  }

  private LinearForm difference(Feature left, Feature right) {
    int decimals = Math.max(left.decimals(), right.decimals());
    BigInteger leftScale = BigInteger.TEN.pow(decimals - left.decimals());
    BigInteger rightScale = BigInteger.TEN.pow(decimals - right.decimals());
    LinearForm form = LinearForm.constant(ZERO);
    return left.equals(right)
        ? form
        : addTo(addTo(form, left, leftScale), right, rightScale.negate());
  }

  /** Whether the value is there; always, unless it is optional. */
  Bit present(Feature feature) {
    if (!feature.optional()) {
      return new Bit.Known(true);
    }
    return builder.not(new Bit.Of(missing(feature)));
  }

  /** The values of a category by what they weigh; those that weigh nothing are left out. */
  static Map<BigInteger, SortedSet<BigInteger>> byWeight(Map<Long, BigInteger> weights) {
    Map<BigInteger, SortedSet<BigInteger>> values = new TreeMap<>();
    weights.forEach(
        (value, weight) -> {
          if (weight.signum() != 0) {
            values
                .computeIfAbsent(weight, unused -> new TreeSet<>())
                .add(BigInteger.valueOf(value));
          }
        });
    return values;
  }
}
