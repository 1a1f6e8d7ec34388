/**
 * What a consortium finds, in a labelled history, that no bank finds alone.
 *
 * <p>It evaluates in plain what the consortium evaluates on shares, and holds rows evaluated by
 * three parties in this process against that; it knows no broker and no link between machines.
 * Start at {@link org.concordat.ops.lift.Lift}.
 */
@NullMarked
package org.concordat.ops.lift;

import org.jspecify.annotations.NullMarked;
