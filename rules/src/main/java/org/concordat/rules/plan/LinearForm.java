package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * An integer sum over arithmetic nodes, with the interval that it can't leave. Immutable.
 *
 * @param weights by node, none of them 0
 */
record LinearForm(
    NavigableMap<Integer, BigInteger> weights,
    BigInteger constant,
    BigInteger min,
    BigInteger max) {
  static LinearForm constant(BigInteger value) {
    return new LinearForm(new TreeMap<>(), value, value, value);
  }

  /** Adds {@code weight * node}, where the node stays within an interval. */
  LinearForm plus(int node, BigInteger weight, BigInteger nodeMin, BigInteger nodeMax) {
    if (weight.signum() == 0) {
      return this;
    }
    if (weights.containsKey(node)) {
      throw new IllegalArgumentException("a node is added once");
    }
    NavigableMap<Integer, BigInteger> more = new TreeMap<>(weights);
    more.put(node, weight);
    BigInteger low = weight.multiply(weight.signum() > 0 ? nodeMin : nodeMax);
    BigInteger high = weight.multiply(weight.signum() > 0 ? nodeMax : nodeMin);
    return new LinearForm(more, constant, min.add(low), max.add(high));
  }

  /** With another node, which stays within the same interval, in the place of one. */
  LinearForm replaced(int node, int other) {
    if (weights.containsKey(other)) {
      throw new IllegalArgumentException("a node is added once");
    }
    NavigableMap<Integer, BigInteger> changed = new TreeMap<>(weights);
    changed.put(other, Objects.requireNonNull(changed.remove(node)));
    return new LinearForm(changed, constant, min, max);
  }

  LinearForm plus(BigInteger more) {
    return new LinearForm(weights, constant.add(more), min.add(more), max.add(more));
  }

  LinearForm negated() {
    NavigableMap<Integer, BigInteger> opposite = new TreeMap<>();
    weights.forEach((node, weight) -> opposite.put(node, weight.negate()));
    return new LinearForm(opposite, constant.negate(), max.negate(), min.negate());
  }

  /** The form times a factor above 0. */
  LinearForm times(BigInteger factor) {
    NavigableMap<Integer, BigInteger> more = new TreeMap<>();
    weights.forEach((node, weight) -> more.put(node, weight.multiply(factor)));
    return new LinearForm(
        more, constant.multiply(factor), min.multiply(factor), max.multiply(factor));
  }

  /**
   * A smaller form that is below 0 exactly where this one is: weights without their common divisor,
   * the constant rounded down.
   */
  LinearForm reducedForSign() {
    BigInteger divisor = BigInteger.ZERO;
    for (BigInteger weight : weights.values()) {
      divisor = divisor.gcd(weight);
    }
    if (divisor.signum() == 0 || divisor.equals(BigInteger.ONE)) {
      return this;
    }
    BigInteger floor = floorDiv(constant, divisor);
    NavigableMap<Integer, BigInteger> reduced = new TreeMap<>();
    for (Map.Entry<Integer, BigInteger> entry : weights.entrySet()) {
      reduced.put(entry.getKey(), entry.getValue().divide(divisor));
    }
    return new LinearForm(
        reduced,
        floor,
        min.subtract(constant).divide(divisor).add(floor),
        max.subtract(constant).divide(divisor).add(floor));
  }

  private static BigInteger floorDiv(BigInteger value, BigInteger divisor) {
    BigInteger[] parts = value.divideAndRemainder(divisor);
    return parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
  }

  /** Bits that hold every value with its sign. */
  int widthBits() {
    return Math.max(min.bitLength(), max.bitLength()) + 1;
  }
}
