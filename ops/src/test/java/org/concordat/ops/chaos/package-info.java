/** Holds what plans faults, breaks connections and tells what came of them. */
@NullMarked
package org.concordat.ops.chaos;

import org.jspecify.annotations.NullMarked;
