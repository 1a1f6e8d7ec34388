/** Tests of what is remembered of accounts. */
@NullMarked
package org.concordat.rules.history;

import org.jspecify.annotations.NullMarked;
