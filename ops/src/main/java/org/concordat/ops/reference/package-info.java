/**
 * Pages of {@code ops/docs} that are made from the code, so that they can't differ from it.
 *
 * <p>Tests hold the committed pages against what is made here. Start at {@link
 * org.concordat.ops.reference.ErrorsPage}.
 */
@NullMarked
package org.concordat.ops.reference;

import org.jspecify.annotations.NullMarked;
