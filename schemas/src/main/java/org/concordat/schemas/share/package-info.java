/**
 * Splits a block's values into replicated secret shares and puts them together again.
 *
 * <p>Knows no key, network or record. Start at {@link org.concordat.schemas.share.ShareLayout}, the
 * order of the words in a component.
 */
@NullMarked
package org.concordat.schemas.share;

import org.jspecify.annotations.NullMarked;
