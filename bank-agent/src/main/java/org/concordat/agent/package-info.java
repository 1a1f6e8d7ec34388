/**
 * The process beside a bank's transaction systems: transactions in, sealed shares out, alerts back.
 *
 * <p>Follow a transaction through the packages: ingest, encode, store, publish; and back through
 * alert. Start at {@link org.concordat.agent.AgentProcess}, which wires them.
 */
@NullMarked
package org.concordat.agent;

import org.jspecify.annotations.NullMarked;
