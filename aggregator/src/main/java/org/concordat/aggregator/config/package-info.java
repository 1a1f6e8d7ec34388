/**
 * The aggregator's configuration file.
 *
 * <p>Knows no Kafka class. Start at {@link org.concordat.aggregator.config.AggregatorConfig}.
 */
@NullMarked
package org.concordat.aggregator.config;

import org.jspecify.annotations.NullMarked;
