package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Finds what is past its horizon, and removes it in one batch.
 *
 * <p>Blocks of one partition are in time order, and looked at up to the first that is young; but a
 * clock that was ahead for a while has stamped some with a time to come, which must not hold up
 * those behind them. They are passed over until the first of them is too old, a bounded number in
 * one go. Where they end is known in memory only: after a restart in the days in which they are
 * young, those behind them wait, for as long as the age at most.
 *
 * <p>What was scored late, since brokers or this agent were away for longer than the age, stays for
 * a day more: alerts of it may be on their way, and without the rows nobody could say of what.
 */
final class Expiry {
  /** So many blocks of a partition with a time to come are looked at in one go. */
  static final int AHEAD_MAX = 1_024;

  /** So long since they came to be known as scored, blocks are kept whatever their age. */
  static final Duration ALERTS_MAX = Duration.ofDays(1);

  /**
   * Blocks of a partition that are stamped with a time to come, and what was removed before and
   * between them.
   *
   * @param endSequence behind the last
   * @param firstMillis the first time with which one is stamped
   */
  record Ahead(long endSequence, long firstMillis) {
    private Ahead with(Ahead later) {
      return new Ahead(later.endSequence, Math.min(firstMillis, later.firstMillis));
    }
  }

  private final Database db;
  private final Vault vault;
  private final Map<Integer, Ahead> ahead;
  private final long nowMillis;
  private final long oldestMillis;
  private final List<byte[]> blocks = new ArrayList<>();
  private final List<byte[]> transactionIds = new ArrayList<>();
  private final List<byte[]> alertIds = new ArrayList<>();

  /**
   * @param ahead by partition: what was found before, changed here
   */
  Expiry(Database db, Vault vault, Map<Integer, Ahead> ahead, long nowMillis, Duration age) {
    this.db = db;
    this.vault = vault;
    this.ahead = ahead;
    this.nowMillis = nowMillis;
    this.oldestMillis = nowMillis - age.toMillis();
  }

  void find(Predicate<BlockPosition> unscored, int blocksMax) {
    int partition = 0;
    while (partition >= 0 && blocks.size() < blocksMax) {
      partition = findInPartition(partition, unscored, blocksMax);
    }
    db.forEach(
        Family.DELIVERED,
        (key, value) -> {
          if (ByteBuffer.wrap(value).getLong() < oldestMillis) {
            alertIds.add(key);
          }
          return true;
        });
  }

  /** Returns the next partition that may have a block, or -1. */
  private int findInPartition(int partition, Predicate<BlockPosition> unscored, int blocksMax) {
    int[] next = {-1};
    boolean[] isAnyLeft = {false};
    int[] aheadBlocks = {0};
    db.forEachFrom(
        Family.JOURNAL,
        new BlockPosition(partition, start(partition)).key(),
        (key, value) -> {
          BlockPosition position = BlockPosition.ofKey(key);
          if (position.partition() != partition) {
            next[0] = position.partition();
            return false;
          }
          long millis = ByteBuffer.wrap(value).getLong();
          boolean isPassed = millis > nowMillis && aheadBlocks[0] < AHEAD_MAX;
          if ((millis >= oldestMillis && !isPassed) || blocks.size() >= blocksMax) {
            next[0] = partition + 1;
            return false;
          }
          if (isPassed) {
            aheadBlocks[0]++;
            if (!isAnyLeft[0]) {
              ahead.merge(partition, new Ahead(position.sequence() + 1, millis), Ahead::with);
            }
          } else if (unscored.test(position) || mayBeAlerted(key)) {
            isAnyLeft[0] = true;
          } else {
            take(position, key, value);
          }
          return true;
        });
    return next[0];
  }

  /** The sequence to begin with: behind what is stamped with a time to come, until that is old. */
  private long start(int partition) {
    Ahead passed = ahead.get(partition);
    if (passed == null) {
      return 0;
    }
    if (passed.firstMillis() < oldestMillis) {
      ahead.remove(partition);
      return 0;
    }
    return passed.endSequence();
  }

  /** A time further ahead than that is of a clock that was wrong, and keeps nothing. */
  private boolean mayBeAlerted(byte[] key) {
    byte[] scored = db.get(Family.SCORED, key);
    return scored != null
        && Math.abs(nowMillis - Scored.of(scored).knownMillis()) < ALERTS_MAX.toMillis();
  }

  private void take(BlockPosition position, byte[] key, byte[] value) {
    blocks.add(key);
    for (JournalRow row : AgentStore.openJournal(vault, position, value).rows()) {
      byte[] seen = db.get(Family.SEEN, row.transactionId());
      // A row that was sent again lives on in its later block.
      if (seen != null && SeenRow.of(seen).position().equals(position)) {
        transactionIds.add(row.transactionId());
      }
    }
  }

  void fill(WriteBatch batch) throws RocksDBException {
    for (byte[] key : blocks) {
      batch.delete(db.handle(Family.JOURNAL), key);
      batch.delete(db.handle(Family.SCORED), key);
    }
    for (byte[] id : transactionIds) {
      batch.delete(db.handle(Family.SEEN), id);
    }
    for (byte[] id : alertIds) {
      batch.delete(db.handle(Family.DELIVERED), id);
    }
  }

  int blocks() {
    return blocks.size();
  }
}
