/**
 * Holds a finished test run against the plaintext: what was scored, what was flagged, where every
 * input row went.
 *
 * <p>Knows no aggregator and no share. Start at {@link org.concordat.ops.check.OracleCheck}.
 */
@NullMarked
package org.concordat.ops.check;

import org.jspecify.annotations.NullMarked;
