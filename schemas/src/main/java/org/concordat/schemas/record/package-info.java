/**
 * The records on the bus, generated from {@code bus.avdl}, and how they are encoded, named and
 * signed.
 *
 * <p>Knows no key format and no Kafka client. Start at {@link
 * org.concordat.schemas.record.RecordCodec}.
 */
package org.concordat.schemas.record;
