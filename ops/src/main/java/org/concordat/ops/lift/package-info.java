/**
 * What a consortium finds, in a labelled history, that no bank finds alone.
 *
 * <p>Knows no share and no peer: it evaluates in plain what the consortium evaluates on shares.
 * Start at {@link org.concordat.ops.lift.Lift}.
 */
@NullMarked
package org.concordat.ops.lift;

import org.jspecify.annotations.NullMarked;
