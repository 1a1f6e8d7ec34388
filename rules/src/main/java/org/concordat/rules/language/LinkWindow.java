package org.concordat.rules.language;

import org.concordat.rules.feature.Feature;
import org.concordat.rules.link.LinkSpec;
import org.jspecify.annotations.Nullable;

/**
 * A window as a rule file declares it.
 *
 * @param feature what rules see of it
 * @param entity of the record itself
 * @param role in which earlier records had it
 * @param value that is summed, for sums
 * @param counterparty whose different ones are counted, for those
 */
record LinkWindow(
    Feature feature,
    Feature entity,
    Feature role,
    int windowMinutes,
    int eventsMax,
    LinkSpec.Kind kind,
    @Nullable Feature value,
    @Nullable Feature counterparty) {
  String name() {
    return feature.name();
  }
}
