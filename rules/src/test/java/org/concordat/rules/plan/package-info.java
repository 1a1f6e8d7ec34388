/** Tests of the compiler's proofs and what it shares. */
@NullMarked
package org.concordat.rules.plan;

import org.jspecify.annotations.NullMarked;
