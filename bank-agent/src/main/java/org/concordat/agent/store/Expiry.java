package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Finds what is past its horizon, and removes it in one batch. */
final class Expiry {
  private final Database db;
  private final Vault vault;
  private final long oldestMillis;
  private final List<byte[]> blocks = new ArrayList<>();
  private final List<byte[]> transactionIds = new ArrayList<>();
  private final List<byte[]> alertIds = new ArrayList<>();

  Expiry(Database db, Vault vault, long oldestMillis) {
    this.db = db;
    this.vault = vault;
    this.oldestMillis = oldestMillis;
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

  /**
   * Returns the next partition that has a block, or -1. Blocks of one partition are in time order.
   */
  private int findInPartition(int partition, Predicate<BlockPosition> unscored, int blocksMax) {
    int[] next = {-1};
    db.forEachFrom(
        Family.JOURNAL,
        new BlockPosition(partition, 0).key(),
        (key, value) -> {
          BlockPosition position = BlockPosition.ofKey(key);
          if (position.partition() != partition) {
            next[0] = position.partition();
            return false;
          }
          if (ByteBuffer.wrap(value).getLong() >= oldestMillis || blocks.size() >= blocksMax) {
            next[0] = partition + 1;
            return false;
          }
          if (!unscored.test(position)) {
            take(position, key, value);
          }
          return true;
        });
    return next[0];
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
