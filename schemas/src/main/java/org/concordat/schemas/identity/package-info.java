/**
 * Who the parties are: their keys, the files that hold them, certificates and the charter.
 *
 * <p>Knows no record on the bus but the digest of a charter. Start at {@link
 * org.concordat.schemas.identity.Charter}.
 */
@NullMarked
package org.concordat.schemas.identity;

import org.jspecify.annotations.NullMarked;
