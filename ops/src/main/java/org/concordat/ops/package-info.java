/**
 * The {@code concordat} command: whatever people run.
 *
 * <p>Decides nothing of the protocol. Each subpackage is one capability; this one holds the command
 * line.
 */
@NullMarked
package org.concordat.ops;

import org.jspecify.annotations.NullMarked;
