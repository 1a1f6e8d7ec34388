package org.concordat.aggregator.worker;

import org.concordat.aggregator.evaluate.LinkageKey;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.link.LinkMemory;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.LinkageEpoch;
import org.jspecify.annotations.Nullable;

/** What an aggregator knows of the time under one linkage key. Prints nothing of it. */
final class EpochMemory {
  final long number;
  final long firstBatch;
  final LinkageKey key;
  final LinkMemory state;
  final @Nullable Digest carried;
  final Alerted alerted = new Alerted();

  /** Of the topic of links, before which it has nothing of the epoch. */
  final long firstOffset;

  /** What a start goes on from; read by threads that compute. */
  volatile @Nullable LinkSnapshot snapshot;

  /** Rows that a start remembers again beside it; as many as there must be for the next one. */
  long rowsSince;

  long snapshotAt;

  /** Rows so far whose clocks were ahead. */
  long ahead;

  /**
   * @param firstBatch of the epoch
   * @param carried hash of what it was handed; null for nothing
   */
  EpochMemory(
      long number,
      long firstBatch,
      LinkageKey key,
      LinkMemory state,
      @Nullable Digest carried,
      long firstOffset) {
    this.number = number;
    this.firstBatch = firstBatch;
    this.key = key;
    this.state = state;
    this.carried = carried;
    this.firstOffset = firstOffset;
  }

  /**
   * The epoch that a record begins.
   *
   * @param state with what it was handed
   */
  static EpochMemory of(LinkageEpoch record, LinkMemory state) {
    return new EpochMemory(
        record.getEpoch(),
        record.getFirstBatch(),
        LinkageKey.of(record.getKey()),
        state,
        record.getCarried(),
        record.getFirstOffset());
  }

  /**
   * What the state has of it.
   *
   * @param shape of what is linked
   */
  LinkageEpoch record(Digest shape, long lastBatch) {
    return new LinkageEpoch(
        number, shape, firstBatch, lastBatch, key.bytes(), carried, firstOffset, snapshot);
  }

  /** The latest snapshot that a committed state of this party's names. */
  void adopt(@Nullable LinkSnapshot named) {
    LinkSnapshot own = snapshot;
    if (named != null && (own == null || named.getBatch() > own.getBatch())) {
      snapshot = named;
    }
  }
}
