/**
 * Holds the whole system against its promises, with real brokers, TLS and processes.
 *
 * <p>Each test class names in its first sentence the promise that it holds.
 */
@NullMarked
package org.concordat.it;

import org.jspecify.annotations.NullMarked;
