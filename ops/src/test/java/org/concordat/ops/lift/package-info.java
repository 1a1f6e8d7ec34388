/** Tests of what a consortium is said to find. */
@NullMarked
package org.concordat.ops.lift;

import org.jspecify.annotations.NullMarked;
