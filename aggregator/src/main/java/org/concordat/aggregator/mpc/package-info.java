/**
 * The words of the protocol core: parties, steps, channels, shared columns and the suite that
 * computes on them.
 *
 * <p>Knows no network, thread, clock, record or rule: seeds and channels are handed in. Start at
 * {@link org.concordat.aggregator.mpc.Suite}.
 */
@NullMarked
package org.concordat.aggregator.mpc;

import org.jspecify.annotations.NullMarked;
