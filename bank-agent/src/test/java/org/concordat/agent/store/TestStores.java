package org.concordat.agent.store;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.seal.AtRestBox;

/** Stores and rows for tests of this module. */
public final class TestStores {
  public static final StoreLimits LIMITS =
      new StoreLimits(
          1L << 30,
          1L << 20,
          Duration.ofDays(35),
          Duration.ofDays(35),
          Duration.ofHours(24),
          StoreLimits.MEMORY_BYTES,
          StoreLimits.DISK_BYTES);

  public static final Scored CUT = new Scored(3, 4, 5);

  private static final int FILL_ROWS = 2_000;

  private TestStores() {}

  /** As others, but for these. */
  public static StoreLimits limits(long spoolBytesMax, long diskBytesMax) {
    return limits(spoolBytesMax, LIMITS.memoryBytesMax(), diskBytesMax, LIMITS.spoolBlocksMax());
  }

  /** As others, but for this. */
  public static StoreLimits limitsOfBlocks(long spoolBlocksMax) {
    return limits(
        LIMITS.spoolBytesMax(), LIMITS.memoryBytesMax(), LIMITS.diskBytesMax(), spoolBlocksMax);
  }

  /** As others, but for this. */
  static StoreLimits limitsOfMemory(long memoryBytesMax) {
    return limits(
        LIMITS.spoolBytesMax(), memoryBytesMax, LIMITS.diskBytesMax(), LIMITS.spoolBlocksMax());
  }

  private static StoreLimits limits(
      long spoolBytesMax, long memoryBytesMax, long diskBytesMax, long spoolBlocksMax) {
    return new StoreLimits(
        spoolBytesMax,
        LIMITS.deadLetterBytesMax(),
        LIMITS.deadLetterAge(),
        LIMITS.seenAge(),
        LIMITS.answerAge(),
        memoryBytesMax,
        diskBytesMax,
        spoolBlocksMax);
  }

  /** Has a store take scored rows of 1970 until so much is on its disk. */
  public static void fill(AgentStore store, int partition, long diskBytes) {
    while (store.diskBytes() < diskBytes) {
      var position = new BlockPosition(partition, store.nextSequence(partition));
      var rows = new JournalRow[FILL_ROWS];
      for (int i = 0; i < FILL_ROWS; i++) {
        rows[i] = row(1_000 + position.sequence() * FILL_ROWS + i, 0);
      }
      store.commit(spool(new StoreGroup(), position, rows));
      store.commit(new StoreGroup().scored(position, CUT));
    }
  }

  /** A box whose key is filled with one byte. */
  public static AtRestBox box(int keyByte) {
    byte[] key = new byte[SymmetricKey.KEY_BYTES];
    java.util.Arrays.fill(key, (byte) keyByte);
    return new AtRestBox(new SymmetricKey(key), new SecureRandom());
  }

  public static AgentStore open(Path data) {
    return AgentStore.open(data, box(1), LIMITS, 3);
  }

  public static JournalRow row(long number, long acceptedMillis) {
    return new JournalRow(
        new Id(number, ~number).bytes(),
        null,
        new Id(number, 7).bytes(),
        "reference-" + number,
        acceptedMillis,
        acceptedMillis,
        new long[] {number, -number, Long.MIN_VALUE, Long.MAX_VALUE});
  }

  /** Adds a block whose copies tell position and aggregator. */
  public static StoreGroup spool(StoreGroup group, BlockPosition position, JournalRow... rows) {
    return spool(group, position, 1, rows);
  }

  public static StoreGroup spool(
      StoreGroup group, BlockPosition position, long session, JournalRow... rows) {
    List<byte[]> copies = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      copies.add((position + " for " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    long bytes = copies.stream().mapToLong(copy -> copy.length).sum();
    var journal = new JournalBlock(position, 1, List.of(rows));
    return group.spool(
        new SpooledBlock(position, rows.length, bytes, journal.acceptedMillis(), session, 0, 0),
        copies,
        journal);
  }
}
