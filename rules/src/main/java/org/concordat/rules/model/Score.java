package org.concordat.rules.model;

import java.math.BigDecimal;
import org.concordat.schemas.problem.Place;

/**
 * A score that flags where it reaches its threshold.
 *
 * @param threshold in the score's unit; of a logistic score the logit of the probability
 * @param step a power of ten or two, at most 1: how exact the score has to be
 * @param place of the score in the rule
 */
public record Score(
    Kind kind, WeightedSum sum, BigDecimal threshold, BigDecimal step, Place place) {
  /** What the sum means. */
  public enum Kind {
    LINEAR,
    /** The sum is the logit of a probability. */
    LOGISTIC
  }
}
