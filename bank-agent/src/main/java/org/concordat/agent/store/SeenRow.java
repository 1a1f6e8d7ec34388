package org.concordat.agent.store;

import java.nio.ByteBuffer;

/**
 * Where the row of a transaction id is, and a keyed hash of its content.
 *
 * @param row index in its block
 */
record SeenRow(long acceptedMillis, BlockPosition position, int row, Id contentId) {
  byte[] value() {
    return ByteBuffer.allocate(38)
        .putLong(acceptedMillis)
        .putInt(position.partition())
        .putLong(position.sequence())
        .putShort((short) row)
        .put(contentId.bytes())
        .array();
  }

  static SeenRow of(byte[] value) {
    var buffer = ByteBuffer.wrap(value);
    long acceptedMillis = buffer.getLong();
    var position = new BlockPosition(buffer.getInt(), buffer.getLong());
    int row = Short.toUnsignedInt(buffer.getShort());
    byte[] contentId = new byte[16];
    buffer.get(contentId);
    return new SeenRow(acceptedMillis, position, row, Id.of(contentId));
  }
}
