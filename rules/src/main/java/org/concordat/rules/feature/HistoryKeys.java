package org.concordat.rules.feature;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/** Reads {@code window} and {@code over} of a history feature. */
final class HistoryKeys {
  /** Decimals of a ratio: with more of them it couldn't be computed in 64 bits. */
  static final int RATIO_DECIMALS_MAX = 3;

  /** The largest amount, in units of its last decimal, of which sums and ratios are computed. */
  static final long OVER_MAX = 1L << 48;

  /** Features that sums and ratios of one contract are computed over. */
  static final int OVER_FEATURES_MAX = 4;

  private HistoryKeys() {}

  /**
   * @param before the features that the contract lists before this one
   */
  static HistorySource read(FeatureType type, Document spec, List<Feature> before) {
    return switch (type) {
      case HISTORY_COUNT -> new HistorySource(window(spec), null);
      case HISTORY_SUM -> new HistorySource(window(spec), over(spec, before));
      case RATIO_TO_USUAL -> new HistorySource(null, over(spec, before));
      case AMOUNT,
          ORIGINAL_AMOUNT,
          CURRENCY,
          INTEGER,
          DECIMAL,
          FLAG,
          CATEGORY,
          BINS,
          HOUR_OF_DAY,
          DAY_OF_WEEK,
          SECONDS_SINCE_LAST,
          FIRST_TO_BENEFICIARY,
          ENTITY ->
          HistorySource.NONE;
    };
  }

  private static @Nullable HistoryWindow window(Document spec) {
    Document key = spec.get("window");
    if (!key.isPresent()) {
      return null;
    }
    Optional<HistoryWindow> window = HistoryWindow.of(key.text());
    if (window.isEmpty()) {
      key.add(
          Code.CDT_106, "'" + key.text() + "' is no window.", "Write one of 1h, 24h, 7d and 30d.");
    }
    return window.orElse(null);
  }

  private static @Nullable String over(Document spec, List<Feature> before) {
    Document key = spec.get("over");
    if (!key.isPresent()) {
      return null;
    }
    Optional<Feature> found =
        before.stream().filter(feature -> feature.name().equals(key.text())).findFirst();
    if (found.isEmpty()) {
      String near = Problems.closest(key.text(), before.stream().map(Feature::name).toList());
      key.add(
          Code.CDT_211,
          "There is no feature '" + key.text() + "' before this one.",
          near.isEmpty() ? "List it before this one." : "Did you mean '" + near + "'?");
      return null;
    }
    Feature over = found.get();
    if (over.type().kind() != FeatureType.Kind.NUMBER || over.type().isDerived()) {
      key.add(
          Code.CDT_201,
          "'" + over.name() + "' is no amount of the payment.",
          "Name a feature of type amount, original-amount, integer or decimal.");
    } else if (over.optional() || over.min() < 0 || over.max() > OVER_MAX) {
      key.add(
          Code.CDT_202,
          "'" + over.name() + "' may be missing, negative or larger than 2^48 of its last decimal.",
          "Name a feature that is always there and within these bounds.");
    }
    var others = new HashSet<String>();
    before.stream().map(feature -> feature.history().over()).forEach(others::add);
    others.remove(null);
    others.add(over.name());
    if (others.size() > OVER_FEATURES_MAX) {
      key.add(
          Code.CDT_106,
          "Sums and ratios are over more than " + OVER_FEATURES_MAX + " features.",
          "Use fewer.");
    }
    return over.name();
  }
}
