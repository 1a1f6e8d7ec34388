package org.concordat.rules.plan;

import java.util.List;
import org.concordat.schemas.share.Domain;

/**
 * What is public of a rule's secret model.
 *
 * @param rule whose model it is
 * @param publisher the bank that gives it
 * @param domain how it is shared: weights as numbers, the bits of trees packed into words
 * @param values numbers or words
 * @param limits by number, in the plan's order: none's magnitude is above it; of bits empty
 */
public record SecretModel(
    String rule, String publisher, Domain domain, int values, List<Long> limits) {
  /** Weights of one model. */
  public static final int VALUES_MAX = 4_096;

  public SecretModel {
    limits = List.copyOf(limits);
  }

  /** Weights and a constant. */
  static SecretModel ofWeights(String rule, String publisher, List<Long> limits) {
    return new SecretModel(rule, publisher, Domain.ARITHMETIC, limits.size(), limits);
  }

  /** The bits of trees. */
  static SecretModel ofBits(String rule, String publisher, int words) {
    return new SecretModel(rule, publisher, Domain.BOOLEAN, words, List.of());
  }

  /** Whether values are as many and no larger than declared. */
  public boolean admits(long[] given) {
    boolean fits = given.length == values;
    for (int i = 0; fits && i < limits.size(); i++) {
      fits = given[i] >= -limits.get(i) && given[i] <= limits.get(i);
    }
    return fits;
  }
}
