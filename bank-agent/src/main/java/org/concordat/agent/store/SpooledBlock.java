package org.concordat.agent.store;

import java.nio.ByteBuffer;

/**
 * What is known of a sealed block without opening it.
 *
 * @param bytes of all its copies
 * @param acceptedMillis when its first row was accepted
 * @param attempt 0 for a block's first sending; at least 1 if its rows were sent before
 * @param skippedMillis when its rows were first skipped, 0 if they never were
 */
public record SpooledBlock(
    BlockPosition position,
    int rows,
    long bytes,
    long acceptedMillis,
    long session,
    int attempt,
    long skippedMillis) {
  byte[] value() {
    return ByteBuffer.allocate(40)
        .putInt(rows)
        .putLong(bytes)
        .putLong(acceptedMillis)
        .putLong(session)
        .putInt(attempt)
        .putLong(skippedMillis)
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
        buffer.getInt(),
        buffer.getLong());
  }
}
