package org.concordat.agent.store;

import java.nio.ByteBuffer;

/**
 * The cut in which a block was scored.
 *
 * @param batch of the block's partition
 * @param committedMillis as the aggregator says whose word made it a fact
 * @param knownMillis when this agent came to know it, by its own clock
 */
public record Scored(long batch, long committedMillis, long knownMillis) {
  byte[] value() {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(batch)
        .putLong(committedMillis)
        .putLong(knownMillis)
        .array();
  }

  static Scored of(byte[] value) {
    var buffer = ByteBuffer.wrap(value);
    long batch = buffer.getLong();
    long committedMillis = buffer.getLong();
    // Earlier releases wrote no more.
    long knownMillis = buffer.hasRemaining() ? buffer.getLong() : committedMillis;
    return new Scored(batch, committedMillis, knownMillis);
  }
}
