/**
 * The aggregator's own sealing keys: which one banks seal to, which ones still open what is on the
 * bus, and when each is destroyed. Knows files and a clock, no Kafka. Start at {@link
 * org.concordat.aggregator.keys.SealingKeys}.
 */
@NullMarked
package org.concordat.aggregator.keys;

import org.jspecify.annotations.NullMarked;
