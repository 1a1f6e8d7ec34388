/**
 * Breaks a running consortium from a seed and holds what comes out of it against the oracle.
 *
 * <p>Knows processes, sockets and what the aggregators write on the bus, nothing of how they
 * decide. Start at {@link org.concordat.ops.chaos.Chaos}.
 */
@NullMarked
package org.concordat.ops.chaos;

import org.jspecify.annotations.NullMarked;
