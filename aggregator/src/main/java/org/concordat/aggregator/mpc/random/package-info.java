/**
 * Correlated randomness: what two parties draw alike from a common key, and the zero shares that
 * come of it, without a message.
 *
 * <p>Decides that no mask is ever drawn twice. Keys are handed in, fresh for each attempt. Start at
 * {@link org.concordat.aggregator.mpc.random.Randomness}.
 */
@NullMarked
package org.concordat.aggregator.mpc.random;

import org.jspecify.annotations.NullMarked;
