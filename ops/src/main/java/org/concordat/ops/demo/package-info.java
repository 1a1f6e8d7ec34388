/**
 * Runs a whole consortium on this machine as separate processes, shows it, and ends it.
 *
 * <p>Knows files, processes and metrics, nothing of the protocol. Start at {@link
 * org.concordat.ops.demo.Demo}.
 */
@NullMarked
package org.concordat.ops.demo;

import org.jspecify.annotations.NullMarked;
