package org.concordat.rules.language;

import java.math.BigDecimal;
import org.concordat.rules.feature.Feature;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.problem.Place;
import org.jspecify.annotations.Nullable;

/**
 * A path as a rule file declares it.
 *
 * @param feature what rules see of it
 * @param value that is compared along cycles and chains
 * @param kept how much of it, likewise
 */
record LinkPath(
    Feature feature,
    LinkSpec.PathSpec spec,
    Feature source,
    Feature target,
    @Nullable Feature value,
    @Nullable Kept kept,
    Place place) {
  /** The parts of a payment that the next one passes on, at least and at most. */
  record Kept(BigDecimal from, BigDecimal to) {}

  String name() {
    return feature.name();
  }
}
