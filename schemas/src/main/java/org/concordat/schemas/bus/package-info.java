/**
 * How a party reaches the brokers, as every configuration file says it.
 *
 * <p>Knows no Kafka class. Start at {@link org.concordat.schemas.bus.KafkaConnection}.
 */
@NullMarked
package org.concordat.schemas.bus;

import org.jspecify.annotations.NullMarked;
