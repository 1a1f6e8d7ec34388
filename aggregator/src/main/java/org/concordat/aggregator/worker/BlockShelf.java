package org.concordat.aggregator.worker;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The opened blocks that wait for their cut, by bank and sequence, and how far each bank's topic is
 * used up. Belongs to the partition's thread.
 */
final class BlockShelf {
  /** Unusable blocks of a bank that are remembered; after a restart, others count as missing. */
  static final int REFUSED_PER_BANK_MAX = 1_024;

  private final Map<String, NavigableMap<Long, HeldBlock>> held = new HashMap<>();

  /** Offsets of blocks that can't be used: read again after a restart, to complain again. */
  private final Map<String, NavigableMap<Long, Long>> refused = new HashMap<>();

  /** By bank: the offset after the last record whose fate is known. */
  private final Map<String, Long> taken = new HashMap<>();

  /**
   * @param startOffsets by bank; a bank that is missing starts at the beginning
   */
  BlockShelf(List<String> banks, Map<String, Long> startOffsets) {
    for (String bank : banks) {
      held.put(bank, new TreeMap<>());
      refused.put(bank, new TreeMap<>());
      taken.put(bank, startOffsets.getOrDefault(bank, 0L));
    }
  }

  /** A record's fate is known. */
  void take(String bank, long offset) {
    taken.merge(bank, offset + 1, Math::max);
  }

  /** Holds a block; false if there is one in its place. */
  boolean hold(String bank, long sequence, HeldBlock block) {
    return of(held, bank).putIfAbsent(sequence, block) == null;
  }

  void refuse(String bank, long sequence, long offset) {
    NavigableMap<Long, Long> ofBank = of(refused, bank);
    if (ofBank.size() < REFUSED_PER_BANK_MAX) {
      ofBank.putIfAbsent(sequence, offset);
    }
  }

  @Nullable HeldBlock block(String bank, long sequence) {
    return of(held, bank).get(sequence);
  }

  /** Writes for each bank when its next block came; banks without one are taken out. */
  void oldestNanos(Map<String, Long> byBank) {
    held.forEach(
        (bank, blocks) -> {
          if (blocks.isEmpty()) {
            byBank.remove(bank);
          } else {
            byBank.put(bank, blocks.firstEntry().getValue().heldNanos());
          }
        });
  }

  /**
   * Where reading starts again after a restart: at the first record that isn't used up, however far
   * ahead its sequence is, since it comes no second time.
   *
   * @param next the bank's sequence after the cut that is being committed
   */
  long resumeOffset(String bank, long next) {
    long offset = taken.getOrDefault(bank, 0L);
    for (HeldBlock later : of(held, bank).tailMap(next, true).values()) {
      offset = Math.min(offset, later.offset());
    }
    for (long later : of(refused, bank).tailMap(next, true).values()) {
      offset = Math.min(offset, later);
    }
    return offset;
  }

  /**
   * Lets go what a cut used up.
   *
   * @return the room that it took
   */
  int release(String bank, long next) {
    Collection<HeldBlock> used = of(held, bank).headMap(next, false).values();
    int room = used.stream().mapToInt(HeldBlock::room).sum();
    used.clear();
    of(refused, bank).headMap(next, false).clear();
    return room;
  }

  private static <V> NavigableMap<Long, V> of(Map<String, NavigableMap<Long, V>> map, String bank) {
    NavigableMap<Long, V> ofBank = map.get(bank);
    if (ofBank == null) {
      throw new IllegalArgumentException("The charter knows no such bank.");
    }
    return ofBank;
  }
}
