package org.concordat.rules.plan;

import java.util.List;

/**
 * What is public of a rule's secret weights.
 *
 * @param rule whose weights they are
 * @param publisher the bank that gives them
 * @param limits by value, in the plan's order: no value's magnitude is above it
 */
public record SecretModel(String rule, String publisher, List<Long> limits) {
  /** Values of one model. */
  public static final int VALUES_MAX = 4_096;

  public SecretModel {
    limits = List.copyOf(limits);
  }

  /** Whether values are as many and no larger than declared. */
  public boolean admits(long[] values) {
    boolean fits = values.length == limits.size();
    for (int i = 0; fits && i < values.length; i++) {
      fits = values[i] >= -limits.get(i) && values[i] <= limits.get(i);
    }
    return fits;
  }
}
