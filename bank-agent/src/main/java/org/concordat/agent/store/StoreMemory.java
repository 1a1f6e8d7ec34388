package org.concordat.agent.store;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.LRUCache;
import org.rocksdb.WriteBufferManager;

/**
 * What RocksDB may take of the memory that no heap has, of all families together: blocks that were
 * read, indexes and filters, and what isn't written to tables yet. By default each family has a
 * cache of its own, and indexes and filters of all tables stay in memory, which grow with all that
 * was ever taken.
 *
 * <p>To be closed once the database is open: it holds on to what it needs.
 */
final class StoreMemory implements AutoCloseable {
  private static final double FILTER_BITS = 10;

  private final Cache cache;
  private final WriteBufferManager buffers;

  /**
   * @param bytes of which up to half hold what isn't written to tables yet
   */
  StoreMemory(long bytes) {
    this.cache = new LRUCache(bytes);
    this.buffers = new WriteBufferManager(bytes / 2, cache);
  }

  /** Has the buffers of a database count. */
  void bound(DBOptions options) {
    options.setWriteBufferManager(buffers);
  }

  /**
   * How tables are read, index and filter piece by piece as they are asked for.
   *
   * @param filtered where nearly every look-up is for a key that isn't there
   */
  BlockBasedTableConfig tables(boolean filtered) {
    var tables =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true)
            .setIndexType(IndexType.kTwoLevelIndexSearch);
    return filtered
        ? tables.setFilterPolicy(new BloomFilter(FILTER_BITS)).setPartitionFilters(true)
        : tables;
  }

  @Override
  public void close() {
    buffers.close();
    cache.close();
  }
}
