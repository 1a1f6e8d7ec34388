/** Tests of the oracle over links against plain lists. */
@NullMarked
package org.concordat.rules.oracle;

import org.jspecify.annotations.NullMarked;
