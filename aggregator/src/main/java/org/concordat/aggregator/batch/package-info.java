/**
 * Decides what this aggregator does next with a batch: cut, compute, prepare, commit or repeat.
 *
 * <p>Knows no Kafka, thread, socket or clock: events in, effects out, and time is an event. Start
 * at {@link org.concordat.aggregator.batch.BatchMachine#step}.
 */
@NullMarked
package org.concordat.aggregator.batch;

import org.jspecify.annotations.NullMarked;
