/**
 * Replicated sharing among three parties, semi-honest: x = x_0 + x_1 + x_2, party i holds x_i and
 * x_{i+1}.
 *
 * <p>Decides what is sent to whom; knows no gadget or rule. Start at {@link
 * org.concordat.aggregator.mpc.rep3.Rep3}.
 */
@NullMarked
package org.concordat.aggregator.mpc.rep3;

import org.jspecify.annotations.NullMarked;
