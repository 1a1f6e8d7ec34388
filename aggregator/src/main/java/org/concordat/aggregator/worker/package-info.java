/**
 * One partition at work: admits blocks, runs the batch machine, performs what it decides.
 *
 * <p>Knows nothing of sockets or Kafka settings. Start at {@link
 * org.concordat.aggregator.worker.PartitionWorker}.
 */
@NullMarked
package org.concordat.aggregator.worker;

import org.jspecify.annotations.NullMarked;
