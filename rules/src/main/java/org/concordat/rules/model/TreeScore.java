package org.concordat.rules.model;

import java.math.BigDecimal;
import java.util.List;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.model.tree.TreeModel;
import org.concordat.schemas.problem.Place;

/**
 * A tree ensemble's score that flags where it reaches its threshold.
 *
 * @param features the contract's, by the model's index
 * @param threshold in the score's unit; of a model of probabilities their logit at the score's
 *     slope
 * @param step a power of ten or two, at most 1: how exact the score has to be
 * @param place of the score in the rule
 */
public record TreeScore(
    TreeModel model, List<Feature> features, BigDecimal threshold, BigDecimal step, Place place) {
  public TreeScore {
    features = List.copyOf(features);
  }
}
