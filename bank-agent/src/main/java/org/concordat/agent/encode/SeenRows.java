package org.concordat.agent.encode;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;

/**
 * Which rows were seen: those in the store, and those on their way there. Shared by all sources.
 */
public final class SeenRows {
  private final AgentStore store;
  private final Map<Id, Id> underway = new ConcurrentHashMap<>();

  /**
   * Held from looking an id up until its row, or its being a duplicate, is queued: two sources
   * can't both be first, and a duplicate is never durable before the row that it repeats.
   */
  final ReentrantLock admission = new ReentrantLock();

  public SeenRows(AgentStore store) {
    this.store = store;
  }

  Optional<Id> content(Id transactionId) {
    // In this order: a row leaves the map only when the store has it.
    Id content = underway.get(transactionId);
    return content == null ? store.seenContent(transactionId) : Optional.of(content);
  }

  void underway(Id transactionId, Id content) {
    underway.put(transactionId, content);
  }

  void durable(Iterable<JournalRow> rows) {
    for (JournalRow row : rows) {
      underway.remove(Id.of(row.transactionId()));
    }
  }
}
