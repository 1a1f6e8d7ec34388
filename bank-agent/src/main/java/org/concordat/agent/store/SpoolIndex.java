package org.concordat.agent.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.schemas.problem.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which blocks aren't known to be scored, on the heap. Their number has a bound of its own: a block
 * may be a single row, and one is closed every few milliseconds where somebody waits for it, so
 * bytes alone would let them outgrow the heap, and then every start after it.
 *
 * <p>Of a block there are, where references take four bytes, its position (24), itself (56), a node
 * of the list (24) and on average half a node of the list's index (12): 116 bytes; 148 where they
 * take eight, as on heaps from 32 GiB on. One that was sent again has a second node: 152, or 208.
 *
 * <p>Changed by one thread at a time, read by any.
 */
final class SpoolIndex {
  /** Of one block on the heap: more than nearly all take. */
  static final long BLOCK_BYTES = 160;

  /** The index is to take no more of the heap than one in so many parts. */
  static final int HEAP_PARTS = 8;

  private static final Logger LOG = LoggerFactory.getLogger(SpoolIndex.class);

  private final ConcurrentSkipListMap<BlockPosition, SpooledBlock> unscored =
      new ConcurrentSkipListMap<>();

  /** Those of them that stand in for earlier blocks. */
  private final ConcurrentSkipListMap<BlockPosition, SpooledBlock> sentAgain =
      new ConcurrentSkipListMap<>();

  private final AtomicLong bytes = new AtomicLong();

  /** How many blocks a heap has room for. */
  static long blocksMax(long heapBytes) {
    return Math.max(1, heapBytes / HEAP_PARTS / BLOCK_BYTES);
  }

  /** The index of what a store has, whether that is within the bound or not. */
  static SpoolIndex read(Database db, long blocksMax) {
    var index = new SpoolIndex();
    db.forEach(
        Family.UNSCORED,
        (key, value) -> {
          index.add(SpooledBlock.of(key, value));
          if (index.blocks() == blocksMax + 1) {
            // At once: a heap much smaller than the last run's may not hold the rest.
            LOG.atWarn()
                .addKeyValue("code", Code.CDT_396.label())
                .addKeyValue("blocksMax", blocksMax)
                .log("The spool has more blocks than this heap is to hold.");
          }
          return true;
        });
    return index;
  }

  void add(SpooledBlock block) {
    unscored.put(block.position(), block);
    if (block.attempt() > 0) {
      sentAgain.put(block.position(), block);
    }
    bytes.addAndGet(block.bytes());
  }

  /** Does nothing if there is no such block. */
  void remove(BlockPosition position) {
    SpooledBlock block = unscored.remove(position);
    if (block != null) {
      sentAgain.remove(position);
      bytes.addAndGet(-block.bytes());
    }
  }

  boolean contains(BlockPosition position) {
    return unscored.containsKey(position);
  }

  Optional<SpooledBlock> find(BlockPosition position) {
    return Optional.ofNullable(unscored.get(position));
  }

  /** All of them, in order. */
  List<SpooledBlock> all() {
    return new ArrayList<>(unscored.values());
  }

  /** Those of a partition from a sequence on and below another, in order. */
  List<SpooledBlock> between(int partition, long fromSequence, long toSequence) {
    return new ArrayList<>(
        unscored
            .subMap(
                new BlockPosition(partition, fromSequence),
                true,
                new BlockPosition(partition, toSequence),
                false)
            .values());
  }

  /** The first of a partition from a sequence on. */
  Optional<SpooledBlock> first(int partition, long fromSequence) {
    var entry = unscored.ceilingEntry(new BlockPosition(partition, fromSequence));
    return entry == null || entry.getKey().partition() != partition
        ? Optional.empty()
        : Optional.of(entry.getValue());
  }

  int blocks() {
    return unscored.size();
  }

  /** Of all blocks with all their copies. */
  long bytes() {
    return bytes.get();
  }

  /**
   * When the oldest row was accepted. Blocks of a partition are in time order, but for those whose
   * rows are sent again: all but those are passed over by partition. If the clock was set back
   * before a start, those from before it count first.
   */
  Optional<Long> oldestMillis() {
    long oldest = Long.MAX_VALUE;
    var first = unscored.firstEntry();
    while (first != null) {
      oldest = Math.min(oldest, first.getValue().acceptedMillis());
      first = unscored.ceilingEntry(new BlockPosition(first.getKey().partition() + 1, 0));
    }
    for (SpooledBlock block : sentAgain.values()) {
      oldest = Math.min(oldest, block.acceptedMillis());
    }
    return oldest == Long.MAX_VALUE ? Optional.empty() : Optional.of(oldest);
  }
}
