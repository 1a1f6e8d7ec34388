package org.concordat.agent.outbox;

import java.util.List;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/**
 * What the agent's store knows of a slot: how far the server may have been told, and the last row
 * that is durable. Under the slot's name, so that another slot begins anew.
 */
final class OutboxPositions {
  private final AgentStore store;
  private final String slot;
  private final String prefix;
  private long highest;

  OutboxPositions(AgentStore store, String slot) {
    this.store = store;
    this.slot = slot;
    this.prefix = "outbox/" + slot + "/";
    this.highest = counter("mark");
  }

  private long counter(String name) {
    return store.counter(prefix + name).orElse(0L);
  }

  /**
   * Compares a slot with the one that was read, or begins with it.
   *
   * @throws InvalidInputException CDT-393: what lies between would be passed over in silence
   */
  void require(OutboxDatabase.Slot now) {
    if (store.counter(prefix + "mark").isEmpty()) {
      highest = now.confirmed();
      store.commit(
          new StoreGroup()
              .counter(prefix + "mark", now.confirmed())
              .counter(prefix + "system", now.system()));
      return;
    }
    if (counter("system") != now.system()) {
      throw refusal(
          "Server %s was read, and server %s answers now."
              .formatted(
                  Long.toUnsignedString(counter("system")), Long.toUnsignedString(now.system())));
    }
    long told = counter("mark");
    if (now.confirmed() > told) {
      throw refusal(
          "The agent has come to %s in the log, and the slot begins at %s: it was made anew, or moved."
              .formatted(lsn(told), lsn(now.confirmed())));
    }
  }

  private InvalidInputException refusal(String reason) {
    return new InvalidInputException(
        List.of(new Problem(Code.CDT_393, Place.of(slot), reason, Code.CDT_393.fix())));
  }

  /** As PostgreSQL writes it. */
  private static String lsn(long lsn) {
    return "%X/%X".formatted(lsn >>> 32, lsn & 0xFFFF_FFFFL);
  }

  /** Whether a row is durable, or a later one of its transaction. */
  boolean isKnown(Change.Row row, long ordinal) {
    return store.counter(prefix + "lsn").isPresent()
        && row.transaction == counter("transaction")
        && (row.lsn < counter("lsn") || (row.lsn == counter("lsn") && ordinal <= counter("row")));
  }

  /**
   * Becomes durable with a row.
   *
   * @param ordinal of the rows in its place of the log
   */
  Bookmark after(Change.Row row, long ordinal, long mark) {
    highest = Math.max(highest, mark);
    long upTo = highest;
    return new Bookmark(
        prefix,
        group ->
            group
                .counter(prefix + "mark", upTo)
                .counter(prefix + "transaction", row.transaction)
                .counter(prefix + "lsn", row.lsn)
                .counter(prefix + "row", ordinal));
  }

  /** The log has gone on without a row, and all before is durable. */
  void skip(long mark) {
    highest = Math.max(highest, mark);
    if (highest > counter("mark")) {
      store.commit(new StoreGroup().counter(prefix + "mark", highest));
    }
  }
}
