package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.Comparator;

/** Names one block of a bank: partition, and sequence without gaps from 0. */
public record BlockPosition(int partition, long sequence) implements Comparable<BlockPosition> {
  static final int BYTES = Integer.BYTES + Long.BYTES;

  private static final Comparator<BlockPosition> ORDER =
      Comparator.comparingInt(BlockPosition::partition).thenComparingLong(BlockPosition::sequence);

  @Override
  public int compareTo(BlockPosition other) {
    return ORDER.compare(this, other);
  }

  /** A key that sorts as positions do. */
  byte[] key() {
    return ByteBuffer.allocate(BYTES).putInt(partition).putLong(sequence).array();
  }

  byte[] key(int aggregator) {
    return ByteBuffer.allocate(BYTES + 1)
        .putInt(partition)
        .putLong(sequence)
        .put((byte) aggregator)
        .array();
  }

  static BlockPosition ofKey(byte[] key) {
    var buffer = ByteBuffer.wrap(key);
    return new BlockPosition(buffer.getInt(), buffer.getLong());
  }
}
