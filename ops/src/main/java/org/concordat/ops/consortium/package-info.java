/**
 * A consortium in a folder: authority, charter, keys, certificates and one configuration file for
 * each party.
 *
 * <p>Knows no process.
 */
@NullMarked
package org.concordat.ops.consortium;

import org.jspecify.annotations.NullMarked;
