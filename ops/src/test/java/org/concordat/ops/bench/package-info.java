/** Tests of the benchmark's arithmetic, rows and rule set. */
@NullMarked
package org.concordat.ops.bench;

import org.jspecify.annotations.NullMarked;
