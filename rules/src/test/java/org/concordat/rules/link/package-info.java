@NullMarked
package org.concordat.rules.link;

import org.jspecify.annotations.NullMarked;
