/**
 * The Kafka broker inside the command, and what a consortium needs of any Kafka cluster: topics,
 * access rules and quotas.
 *
 * <p>Knows no record. Start at {@link org.concordat.ops.broker.EmbeddedBroker}.
 */
@NullMarked
package org.concordat.ops.broker;

import org.jspecify.annotations.NullMarked;
