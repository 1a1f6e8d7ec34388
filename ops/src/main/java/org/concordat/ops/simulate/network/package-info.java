/**
 * Makes payments over a network of banks, in which money is laundered now and then: enough to try
 * out what a consortium sees that no bank sees alone.
 *
 * <p>Every pattern has honest look-alikes. Realism is judged on data that isn't ours. Start at
 * {@link org.concordat.ops.simulate.network.NetworkSimulator}.
 */
@NullMarked
package org.concordat.ops.simulate.network;

import org.jspecify.annotations.NullMarked;
