/**
 * Reads transactions from a table of the bank's PostgreSQL, by change data capture.
 *
 * <p>The server keeps its log until the agent says that rows are durable, and the agent says so in
 * the rows' order. Start at {@link org.concordat.agent.outbox.OutboxSource}.
 */
@NullMarked
package org.concordat.agent.outbox;

import org.jspecify.annotations.NullMarked;
