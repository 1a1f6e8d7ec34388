package org.concordat.agent.encode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.Tally;
import org.jspecify.annotations.Nullable;

/**
 * What a stretch of a source led to: rows of one block, refusals and duplicates, and how far the
 * source was read. It becomes durable as a whole.
 */
final class Unit {
  /** Its block's partition. */
  final int partition;

  /** When it was begun, on the monotonic clock. */
  final long begunNanos;

  final List<JournalRow> rows = new ArrayList<>();
  final List<DeadLetter> letters = new ArrayList<>();
  final Map<Tally, Long> tallies = new LinkedHashMap<>();

  /** How often these rows were sent before. */
  int attempt;

  /** The skipped block that this one stands in for. */
  @Nullable BlockPosition replaces;

  long sourceEndBytes = -1;
  long sourceLines;

  Unit(int partition, long begunNanos) {
    this.partition = partition;
    this.begunNanos = begunNanos;
  }

  void count(Tally tally, long more) {
    tallies.merge(tally, more, Long::sum);
  }
}
