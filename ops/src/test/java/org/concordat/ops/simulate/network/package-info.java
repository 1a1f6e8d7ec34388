/** Tests of the simulated network. */
@NullMarked
package org.concordat.ops.simulate.network;

import org.jspecify.annotations.NullMarked;
