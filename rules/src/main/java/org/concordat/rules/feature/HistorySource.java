package org.concordat.rules.feature;

import org.jspecify.annotations.Nullable;

/**
 * What a history feature is computed from.
 *
 * @param window of counts and sums
 * @param over the amount that is summed or compared
 */
public record HistorySource(@Nullable HistoryWindow window, @Nullable String over) {
  /** Of a feature that isn't computed from history. */
  public static final HistorySource NONE = new HistorySource(null, null);
}
