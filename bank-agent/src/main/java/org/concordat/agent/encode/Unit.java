package org.concordat.agent.encode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Reference;
import org.concordat.agent.store.Tally;
import org.concordat.schemas.record.RecordKind;
import org.jspecify.annotations.Nullable;

/**
 * What a stretch of the sources led to: rows of one block, refusals and duplicates, and how far the
 * sources were read. It becomes durable as a whole.
 */
final class Unit {
  /** Its block's partition. */
  final int partition;

  /** When it was begun, on the monotonic clock. */
  final long begunNanos;

  final List<JournalRow> rows = new ArrayList<>();
  final List<DeadLetter> letters = new ArrayList<>();
  final Map<Tally, Long> tallies = new LinkedHashMap<>();

  /** Of all its rows. */
  RecordKind kind = RecordKind.LIVE;

  /** What its rows changed of what is remembered, in their order. */
  final List<KeptHistory.Change> histories = new ArrayList<>();

  /** Of rows that were sent before, the order that they were given then. */
  @Nullable Long order;

  /** How often these rows were sent before. */
  int attempt;

  long skippedMillis;

  /** The skipped block that this one stands in for. */
  @Nullable BlockPosition replaces;

  /** By which the bank finds its rows and refusals again. */
  final List<Reference> references = new ArrayList<>();

  /** The last of each name. */
  final Map<String, Bookmark> bookmarks = new LinkedHashMap<>();

  /** Who waits for these records to be durable. */
  final List<Acknowledgement> acknowledgements = new ArrayList<>();

  Unit(int partition, long begunNanos) {
    this.partition = partition;
    this.begunNanos = begunNanos;
  }

  void count(Tally tally, long more) {
    tallies.merge(tally, more, Long::sum);
  }
}
