package org.concordat.agent.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows by transaction id, and opens a journal block once for rows of it that follow one
 * another: alerts come in the order of blocks, and opening one costs as much as a thousand of its
 * rows. Holds one block's plaintext. One thread works with it.
 */
public final class RowReader {
  private final AgentStore store;
  private @Nullable BlockPosition position;
  private @Nullable JournalBlock block;

  RowReader(AgentStore store) {
    this.store = store;
  }

  /** The row with a transaction id, as long as the journal keeps it. */
  public Optional<JournalRow> row(byte[] transactionId) {
    SeenRow seen = store.seenRow(transactionId).orElse(null);
    if (seen == null) {
      return Optional.empty();
    }
    JournalBlock opened = block;
    if (opened == null || !seen.position().equals(position)) {
      opened = store.journal(seen.position()).orElse(null);
      block = opened;
      position = seen.position();
    }
    return Optional.ofNullable(opened).map(rows -> rows.rows().get(seen.row()));
  }
}
