/**
 * What is computed on shares beyond single products: comparisons, membership, counting, conversion,
 * choice, lookup.
 *
 * <p>A gadget is written once, for every suite, as code that writes a {@link
 * org.concordat.aggregator.mpc.gadget.Circuit}; the circuit runs round by round on whole columns,
 * and everything that can share a round does. Start at {@link
 * org.concordat.aggregator.mpc.gadget.CircuitBuilder}, then {@link
 * org.concordat.aggregator.mpc.gadget.Comparison}.
 */
@NullMarked
package org.concordat.aggregator.mpc.gadget;

import org.jspecify.annotations.NullMarked;
