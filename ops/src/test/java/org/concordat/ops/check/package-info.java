/** Tests of the check against the plaintext. */
@NullMarked
package org.concordat.ops.check;

import org.jspecify.annotations.NullMarked;
