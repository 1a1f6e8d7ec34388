package org.concordat.agent.store;

import java.nio.ByteBuffer;

/**
 * What is known of a sealed block without opening it.
 *
 * @param bytes of all its copies
 * @param acceptedMillis when its first row was accepted
 * @param attempt 0 for a block's first sending; one more each time its rows are sent again
 */
public record SpooledBlock(
    BlockPosition position, int rows, long bytes, long acceptedMillis, long session, int attempt) {
  byte[] value() {
    return ByteBuffer.allocate(32)
        .putInt(rows)
        .putLong(bytes)
        .putLong(acceptedMillis)
        .putLong(session)
        .putInt(attempt)
        .array();
  }

  static SpooledBlock of(byte[] key, byte[] value) {
    var buffer = ByteBuffer.wrap(value);
    return new SpooledBlock(
        BlockPosition.ofKey(key),
        buffer.getInt(),
        buffer.getLong(),
        buffer.getLong(),
        buffer.getLong(),
        buffer.getInt());
  }
}
