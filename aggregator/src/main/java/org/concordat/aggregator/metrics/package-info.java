/**
 * What operators see: counters, readiness and the endpoints that serve them.
 *
 * <p>Knows no share, key or feature value. Start at {@link
 * org.concordat.aggregator.metrics.AggregatorMetrics}.
 */
@NullMarked
package org.concordat.aggregator.metrics;

import org.jspecify.annotations.NullMarked;
