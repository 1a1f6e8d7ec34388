/**
 * The agent's one configuration file, {@code agent.yaml}, read with every problem in it.
 *
 * <p>Secrets are named by file and never held here. Start at {@link
 * org.concordat.agent.config.AgentConfig}.
 */
@NullMarked
package org.concordat.agent.config;

import org.jspecify.annotations.NullMarked;
