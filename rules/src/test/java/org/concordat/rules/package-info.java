/** Tests of rule sets as a whole, and what several of them share. */
@NullMarked
package org.concordat.rules;

import org.jspecify.annotations.NullMarked;
