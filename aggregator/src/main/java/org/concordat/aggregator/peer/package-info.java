/**
 * Links among the aggregators: who the peers are, that nobody else reads or writes what they say,
 * and that all of them agree when a session begins and ends.
 *
 * <p>Knows no Kafka, rule, batch decision or share: it carries words and messages. Start at {@link
 * org.concordat.aggregator.peer.PeerLinks}.
 */
@NullMarked
package org.concordat.aggregator.peer;

import org.jspecify.annotations.NullMarked;
