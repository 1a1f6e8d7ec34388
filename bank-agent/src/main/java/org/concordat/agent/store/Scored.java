package org.concordat.agent.store;

import java.nio.ByteBuffer;

/**
 * The cut in which a block was scored.
 *
 * @param batch of the block's partition
 * @param committedMillis as the aggregator says whose word made it a fact
 */
public record Scored(long batch, long committedMillis) {
  byte[] value() {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(batch).putLong(committedMillis).array();
  }

  static Scored of(byte[] value) {
    var buffer = ByteBuffer.wrap(value);
    return new Scored(buffer.getLong(), buffer.getLong());
  }
}
