/** Tests of what doctor looks at without brokers and peers. */
@NullMarked
package org.concordat.ops.doctor;

import org.jspecify.annotations.NullMarked;
