package org.concordat.rules.model;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.concordat.rules.feature.Feature;
import org.concordat.schemas.problem.Place;

/**
 * A tree ensemble's score whose trees only their publisher knows. Public is how many there may be,
 * how deep, which features they may look at and how large leaves may be.
 *
 * @param kind logistic where the score is the logit of a probability
 * @param features that a node may look at
 * @param publisher the bank that gives the trees
 * @param depth tests on the way to a leaf, at most
 * @param leafBits a leaf times the scale lies between -2^(leafBits-1) and 2^(leafBits-1), without
 *     the latter
 * @param threshold in the score's unit, of a logistic score the logit; none where it is secret too
 * @param step a power of ten or two, at most 1: how exact the score has to be
 * @param place of the score in the rule
 */
public record SecretTreeScore(
    Score.Kind kind,
    List<Feature> features,
    String publisher,
    int trees,
    int depth,
    int leafBits,
    Optional<BigDecimal> threshold,
    BigDecimal step,
    Place place) {
  public static final int TREES_MAX = 1_000;
  public static final int DEPTH_MAX = 8;

  /** Features that nodes may look at. */
  public static final int FEATURES_MAX = 256;

  public SecretTreeScore {
    features = List.copyOf(features);
  }
}
