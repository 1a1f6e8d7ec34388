/**
 * Reads transactions from a topic of the bank's own.
 *
 * <p>How far it was read is kept in the agent's store and becomes durable with the rows; what the
 * brokers know of it only tells the bank's tools. Start at {@link
 * org.concordat.agent.topic.TopicSource}.
 */
@NullMarked
package org.concordat.agent.topic;

import org.jspecify.annotations.NullMarked;
