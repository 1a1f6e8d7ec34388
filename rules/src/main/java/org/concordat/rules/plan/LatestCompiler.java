package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Links;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.PlanBuilder.OverflowException;
import org.concordat.schemas.share.Domain;

/**
 * Compiles what windows tell of the values of their latest records: the smallest, the largest, how
 * many are the record's own. How many a record sees is public; the values are shared, and compared
 * in the rounds of the rules' other comparisons.
 */
final class LatestCompiler {
  private static final BigInteger ZERO = BigInteger.ZERO;
  private static final BigInteger ONE = BigInteger.ONE;

  private final Links links;
  private final PlanBuilder builder;
  private final FeatureNodes features;

  LatestCompiler(Links links, PlanBuilder builder, FeatureNodes features) {
    this.links = links;
    this.builder = builder;
    this.features = features;
  }

  /** The number's node. */
  int compile(Links.LatestNumber number) throws OverflowException {
    LinkSpec.Measure measure = links.spec().measures().get(number.measure());
    int latestMax = links.spec().tracks().get(measure.track()).latestMax();
    BigInteger max = BigInteger.valueOf(number.value().max());
    List<Integer> values = new ArrayList<>();
    LinearForm count = LinearForm.constant(ZERO);
    for (int latest = 0; latest < latestMax; latest++) {
      int value = input(measure.name() + "." + (latest + 1));
      Bit isThere = builder.not(builder.negative(seen(measure, latestMax, latest + 1)));
      switch (number.kind()) {
        // None is 0.
        case MAX -> values.add(value);
        case MIN -> {
          LinearForm orMax = LinearForm.constant(max).plus(value, ONE, ZERO, max);
          values.add(builder.sum(features.addTo(orMax, isThere, max.negate())));
        }
        case EQUAL -> {
          Bit same = builder.zero(difference(number.value(), value));
          count = features.addTo(count, builder.and(List.of(isThere, same)), ONE);
        }
      }
    }
    if (values.isEmpty()) {
      return builder.sum(count);
    }
    return values.size() == 1
        ? values.getFirst()
        : builder.extreme(number.kind() == Links.LatestKind.MAX, values, max);
  }

  /** Records that this one sees, less some: below 0 where there are fewer. */
  private LinearForm seen(LinkSpec.Measure measure, int latestMax, int records) {
    return LinearForm.constant(BigInteger.valueOf(-records))
        .plus(input(measure.name()), ONE, ZERO, BigInteger.valueOf(latestMax));
  }

  private LinearForm difference(Feature own, int value) {
    // What a bank sent outside the range was taken for 0 when it was remembered.
    return features.value(own).plus(value, ONE.negate(), ZERO, BigInteger.valueOf(own.max()));
  }

  private int input(String column) {
    return builder.input(links.features().fieldOf(column), Domain.ARITHMETIC, Long.SIZE);
  }
}
