package org.concordat.aggregator.worker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of one bank, still sealed, that wait for its session, in the order of its topic. Takes all
 * that it is given and says when it is full: what was fetched already has to go somewhere.
 */
final class WaitingBlocks {
  /** More make it full. */
  static final int BLOCKS_MAX = 256;

  /** More make it full; a block has up to about half a MiB. */
  static final long BYTES_MAX = 16L << 20;

  /**
   * A record of the bank's topic, without what isn't looked at.
   *
   * @param value null where the bank wrote none
   * @param readNanos when it was read
   */
  record Sealed(long offset, byte @Nullable [] value, long readNanos) {}

  private List<Sealed> blocks = new ArrayList<>();
  private long bytes;

  void add(Sealed block) {
    blocks.add(block);
    byte[] value = block.value();
    bytes += value == null ? 0 : value.length;
  }

  boolean isEmpty() {
    return blocks.isEmpty();
  }

  /** Whether the bank's topic shouldn't be read on. */
  boolean isFull() {
    return blocks.size() > BLOCKS_MAX || bytes > BYTES_MAX;
  }

  /** Everything, in order; nothing is left. */
  List<Sealed> drain() {
    List<Sealed> all = blocks;
    blocks = new ArrayList<>();
    bytes = 0;
    return all;
  }
}
