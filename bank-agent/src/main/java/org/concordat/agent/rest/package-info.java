/**
 * Takes transactions over REST: reads bodies, hands their records to an intake, and answers when
 * what was decided is durable.
 *
 * <p>Decides nothing about a transaction itself. Start at {@link
 * org.concordat.agent.rest.Submissions}.
 */
@NullMarked
package org.concordat.agent.rest;

import org.jspecify.annotations.NullMarked;
