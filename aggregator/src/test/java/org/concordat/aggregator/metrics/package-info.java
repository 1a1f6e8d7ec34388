@NullMarked
package org.concordat.aggregator.metrics;

import org.jspecify.annotations.NullMarked;
