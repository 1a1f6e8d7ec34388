/**
 * What an agent must not lose: sealed blocks, the rows behind them, the transaction ids it has
 * seen, where it stands in its source, refused rows and delivered alerts.
 *
 * <p>Decides what becomes durable together; knows no Kafka, file format or rule. Whatever holds
 * plaintext is encrypted before it gets here. Start at {@link
 * org.concordat.agent.store.AgentStore}.
 */
@NullMarked
package org.concordat.agent.store;

import org.jspecify.annotations.NullMarked;
