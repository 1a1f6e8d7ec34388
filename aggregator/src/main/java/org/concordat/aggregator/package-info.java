/**
 * The aggregator's process: {@link org.concordat.aggregator.Main} wires all parts by constructors
 * and is the only class that knows every one of them.
 */
@NullMarked
package org.concordat.aggregator;

import org.jspecify.annotations.NullMarked;
