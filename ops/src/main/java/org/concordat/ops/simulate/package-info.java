/**
 * Makes payments of several banks, labelled where they are fraud: enough for a demo.
 *
 * <p>Realism is judged on data that isn't ours. Start at {@link
 * org.concordat.ops.simulate.PaymentSimulator}.
 */
@NullMarked
package org.concordat.ops.simulate;

import org.jspecify.annotations.NullMarked;
