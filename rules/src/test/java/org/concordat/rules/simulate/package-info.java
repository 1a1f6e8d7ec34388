/** Tests of simulations. */
@NullMarked
package org.concordat.rules.simulate;

import org.jspecify.annotations.NullMarked;
