/** Tests of the parts of the demo that need no processes. */
@NullMarked
package org.concordat.ops.demo;

import org.jspecify.annotations.NullMarked;
