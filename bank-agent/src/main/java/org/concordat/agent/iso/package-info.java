/**
 * Reads ISO 20022 messages: customer credit transfers (pacs.008), transaction by transaction, each
 * held against the schema of its version.
 *
 * <p>Knows no feature and no rule. Memory doesn't grow with a message. Start at {@link
 * org.concordat.agent.iso.MessageReader}.
 */
@NullMarked
package org.concordat.agent.iso;

import org.jspecify.annotations.NullMarked;
