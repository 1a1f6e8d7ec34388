package org.concordat.rules.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.model.Score;
import org.concordat.rules.model.WeightedSum;

/**
 * What each feature adds to a score, in the very integers that the plan computes with: the parts of
 * a row sum to its score exactly.
 */
public final class Contributions {
  /**
   * One feature's part of a score.
   *
   * @param feature empty for the sum's constant
   * @param scaled the part times the output's scale
   */
  public record Part(String feature, long scaled) {}

  private Contributions() {}

  /**
   * The parts of a row's score: the constant first, then the features in the sum's order.
   *
   * @param scale of the rule's output
   * @param fields by the contract's layout
   */
  public static List<Part> of(Score score, long scale, FeatureContract contract, long[] fields) {
    List<Part> parts = new ArrayList<>();
    var rounded = new SumCompiler.Rounded(scale);
    parts.add(new Part("", rounded.constant(score.sum()).longValueExact()));
    for (WeightedSum.Term term : score.sum().terms()) {
      Feature feature = term.feature();
      long value = feature.value(fields[contract.fieldOf(feature.name())]);
      BigInteger part =
          switch (term) {
            case WeightedSum.Number number ->
                rounded.weight(number).multiply(BigInteger.valueOf(value));
            case WeightedSum.Names names ->
                isMissing(contract, feature, fields)
                    ? BigInteger.ZERO
                    : rounded.weight(names, value);
          };
      parts.add(new Part(feature.name(), part.longValueExact()));
    }
    return parts;
  }

  private static boolean isMissing(FeatureContract contract, Feature feature, long[] fields) {
    return feature.optional() && fields[contract.missingFieldOf(feature.name())] == 1;
  }
}
