/**
 * Brings spooled blocks to the brokers in order, and learns from the bus what became of them.
 *
 * <p>Sends only bytes that the store holds, as often as it takes. Knows no row and no key. Start at
 * {@link org.concordat.agent.publish.Publisher} and {@link org.concordat.agent.publish.CutLedger}.
 */
@NullMarked
package org.concordat.agent.publish;

import org.jspecify.annotations.NullMarked;
