package org.concordat.rules.language;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SortedSet;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.model.WeightedSum;
import org.concordat.schemas.problem.Place;
import org.jspecify.annotations.Nullable;

/**
 * What may hold for a payment. Values are the feature's integers. A comparison of a missing value
 * doesn't hold, whatever it compares.
 */
public sealed interface Condition {
  /** Where it stands in the rule file. */
  Place place();

  record All(List<Condition> conditions, Place place) implements Condition {}

  record Any(List<Condition> conditions, Place place) implements Condition {}

  record Not(Condition condition, Place place) implements Condition {}

  record AtLeast(int count, List<Condition> conditions, Place place) implements Condition {}

  /** The feature lies within inclusive bounds, at least one of which is there. */
  record Within(Feature feature, @Nullable BigInteger from, @Nullable BigInteger to, Place place)
      implements Condition {}

  /**
   * The feature has one of some values.
   *
   * @param none whether it has none of them instead
   */
  record Member(Feature feature, SortedSet<BigInteger> values, boolean none, Place place)
      implements Condition {}

  /** Two features of the same unit, or two categories of the same names, compare. */
  record Compared(Feature left, Relation relation, Feature right, Place place)
      implements Condition {}

  /** The optional feature's value is missing. */
  record Missing(Feature feature, Place place) implements Condition {}

  /** The sum compares with a number, or lies within two that are inclusive. */
  record SumWithin(WeightedSum sum, @Nullable Bound from, @Nullable Bound to, Place place)
      implements Condition {}

  /** A bound of a sum, itself outside if strict. */
  record Bound(BigDecimal value, boolean strict) {}

  /** How two values compare. */
  enum Relation {
    AT_LEAST("is at least"),
    ABOVE("is above"),
    AT_MOST("is at most"),
    BELOW("is below"),
    IS("is"),
    IS_NOT("is not");

    private final String words;

    Relation(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }
}
