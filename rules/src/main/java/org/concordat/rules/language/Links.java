package org.concordat.rules.language;

import java.math.BigDecimal;
import java.util.List;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Place;

/**
 * The windows and paths of a rule set.
 *
 * @param features the contract's and those that windows and paths add
 * @param latestNumbers of windows that remember values one by one
 * @param pathFlags of cycles and chains
 * @param place of the linkage
 */
public record Links(
    LinkSpec spec,
    FeatureContract features,
    List<LatestNumber> latestNumbers,
    List<PathFlag> pathFlags,
    Place place) {
  public Links {
    latestNumbers = List.copyOf(latestNumbers);
    pathFlags = List.copyOf(pathFlags);
  }

  /** What a window tells of the values of its latest records. */
  public enum LatestKind {
    /** The smallest; the most that the value can be if there is none. */
    MIN,
    /** The largest; 0 if there is none. */
    MAX,
    /** How many are the record's own. */
    EQUAL
  }

  /**
   * A number of the latest records of a window.
   *
   * @param measure index in the spec
   * @param value the contract's feature that is compared
   */
  public record LatestNumber(
      String name, LatestKind kind, int measure, Feature value, Place place) {}

  /**
   * A flag that compares the values along a path's candidates: of consecutive payments x and y,
   * {@code keptFrom * x <= y <= keptTo * x}.
   *
   * @param path index in the spec
   * @param value the contract's feature that is compared
   */
  public record PathFlag(
      String name, int path, Feature value, BigDecimal keptFrom, BigDecimal keptTo, Place place) {}

  /** The index, among a plan's inputs, of a derived column. */
  public int input(int column) {
    return features.layout().fields().size() + column;
  }
}
