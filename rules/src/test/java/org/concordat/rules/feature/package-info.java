/** Tests of the contract and of rows on their way into it. */
@NullMarked
package org.concordat.rules.feature;

import org.jspecify.annotations.NullMarked;
