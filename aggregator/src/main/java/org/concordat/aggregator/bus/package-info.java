/**
 * How this aggregator reads and writes the brokers: clients, its own log of votes and state.
 *
 * <p>Knows no rule and no protocol. Start at {@link org.concordat.aggregator.bus.OwnLog}.
 */
@NullMarked
package org.concordat.aggregator.bus;

import org.jspecify.annotations.NullMarked;
