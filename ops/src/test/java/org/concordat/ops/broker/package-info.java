/** Tests of what can be said of brokers without one. */
@NullMarked
package org.concordat.ops.broker;

import org.jspecify.annotations.NullMarked;
