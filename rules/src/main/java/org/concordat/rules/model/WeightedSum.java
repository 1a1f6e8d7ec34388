package org.concordat.rules.model;

import java.math.BigDecimal;
import java.util.List;
import java.util.SortedMap;
import org.concordat.rules.feature.Feature;

/**
 * {@code constant + sum of weight * feature}, features in their units. A missing number counts as
 * its {@code whenMissing}, a missing name as 0.
 */
public record WeightedSum(BigDecimal constant, List<Term> terms) {
  public WeightedSum {
    terms = List.copyOf(terms);
  }

  /** One feature's part. */
  public sealed interface Term {
    Feature feature();
  }

  /** A number or a flag times a weight. */
  public record Number(Feature feature, BigDecimal weight) implements Term {}

  /** A weight for each value of a category; values that aren't listed weigh nothing. */
  public record Names(Feature feature, SortedMap<Long, BigDecimal> weights) implements Term {}
}
