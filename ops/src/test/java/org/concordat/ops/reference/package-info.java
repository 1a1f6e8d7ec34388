@NullMarked
package org.concordat.ops.reference;

import org.jspecify.annotations.NullMarked;
