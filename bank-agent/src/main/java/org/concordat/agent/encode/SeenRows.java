package org.concordat.agent.encode;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.JournalRow;

/** Which rows were seen: those in the store, and those on their way there. */
public final class SeenRows {
  private final AgentStore store;
  private final Map<Id, Id> underway = new ConcurrentHashMap<>();

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
