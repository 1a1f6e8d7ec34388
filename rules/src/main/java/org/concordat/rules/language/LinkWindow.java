package org.concordat.rules.language;

import org.concordat.rules.feature.Feature;
import org.concordat.rules.language.Links.LatestKind;
import org.concordat.rules.link.LinkSpec;
import org.jspecify.annotations.Nullable;

/**
 * A window as a rule file declares it.
 *
 * @param feature what rules see of it
 * @param entity of the record itself
 * @param role in which earlier records had it
 * @param value that is summed, counted or remembered, for those
 * @param counted where records are counted by their value: those that it counts
 * @param latestMax records whose values are remembered one by one; 0 for none
 * @param latestKind what is told of those
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
    @Nullable Range counted,
    int latestMax,
    @Nullable LatestKind latestKind,
    @Nullable Feature counterparty) {
  /** Inclusive, in the value's last decimal. */
  record Range(long from, long to) {}

  String name() {
    return feature.name();
  }
}
