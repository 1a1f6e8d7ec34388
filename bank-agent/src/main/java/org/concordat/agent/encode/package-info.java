/**
 * Turns a source's records into rows of the contract, and rows into sealed blocks that are durable
 * before anything is sent.
 *
 * <p>Decides what is a duplicate, what is a new version, and when a block is closed. Knows no
 * broker. Start at {@link org.concordat.agent.encode.Intake}, then {@link
 * org.concordat.agent.encode.Spooler}.
 */
@NullMarked
package org.concordat.agent.encode;

import org.jspecify.annotations.NullMarked;
