package org.concordat.rules.model;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.schemas.problem.Place;

/**
 * A weighted sum whose weights only their publisher knows. Public is which features it takes and
 * how large weights may be.
 *
 * @param features in the order of the weights
 * @param publisher the bank that gives the weights
 * @param widthBits a weight times the scale lies strictly between -2^(widthBits-1) and
 *     2^(widthBits-1)
 * @param threshold in the score's unit, of a logistic score the logit; none where it is secret too
 * @param step a power of ten or two, at most 1: what weights are multiples of, per unit of a
 *     feature's last decimal
 * @param place of the score in the rule
 */
public record SecretScore(
    Score.Kind kind,
    List<Feature> features,
    String publisher,
    int widthBits,
    Optional<BigDecimal> threshold,
    BigDecimal step,
    Place place) {
  public SecretScore {
    features = List.copyOf(features);
  }
}
