package org.concordat.aggregator.worker;

import org.concordat.aggregator.evaluate.LinkageKey;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.link.LinkMemory;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;

/** What an aggregator knows of the time under one linkage key. Prints nothing of it. */
final class EpochMemory {
  final long number;
  final long firstBatch;
  final LinkageKey key;
  final LinkMemory state;
  final @Nullable Digest carried;
  final Alerted alerted = new Alerted();

  /** Rows so far whose clocks were ahead. */
  long ahead;

  /**
   * @param firstBatch of the epoch
   * @param carried hash of what it was handed; null for nothing
   */
  EpochMemory(
      long number, long firstBatch, LinkageKey key, LinkMemory state, @Nullable Digest carried) {
    this.number = number;
    this.firstBatch = firstBatch;
    this.key = key;
    this.state = state;
    this.carried = carried;
  }
}
