package org.concordat.aggregator.metrics;

import java.util.List;

/** Why this aggregator can't do its work right now; nothing if it can. */
@FunctionalInterface
public interface Readiness {
  /** Stable words, each naming whom it waits for. */
  List<String> reasons();
}
