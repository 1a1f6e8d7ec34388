/**
 * What an agent shows of itself: counters, gauges, liveness, and why it isn't ready.
 *
 * <p>Holds numbers and reasons, never a value of a row. Start at {@link
 * org.concordat.agent.metrics.HttpEndpoints}.
 */
@NullMarked
package org.concordat.agent.metrics;

import org.jspecify.annotations.NullMarked;
