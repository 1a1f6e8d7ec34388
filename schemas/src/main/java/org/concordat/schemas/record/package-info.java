/**
 * The records on the bus, generated from {@code bus.avdl} and {@code peer.avdl}, and how they are
 * encoded and named.
 *
 * <p>Knows no key and no Kafka client. Not null-marked, since Avro's generated classes are part of
 * it. Start at {@link org.concordat.schemas.record.RecordCodec}.
 */
package org.concordat.schemas.record;
