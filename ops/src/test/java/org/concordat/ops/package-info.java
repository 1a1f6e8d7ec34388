/** Tests of the commands, run in this process. */
@NullMarked
package org.concordat.ops;

import org.jspecify.annotations.NullMarked;
