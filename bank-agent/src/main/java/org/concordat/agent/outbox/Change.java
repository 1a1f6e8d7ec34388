package org.concordat.agent.outbox;

import org.jspecify.annotations.Nullable;

/**
 * What the log tells of: a row that was inserted, or only how far it has come. Holds plaintext.
 *
 * <p>A row is known again by its transaction, its place in the log and how many rows of that place
 * came before it: one statement can write many rows in one place, and after a restart a transaction
 * comes again as a whole, in the same order.
 */
final class Change {
  private final @Nullable Row row;
  private final long mark;

  /** A row that was inserted. Holds plaintext. */
  static final class Row {
    final String id;
    final @Nullable String payload;
    final long transaction;
    final long lsn;

    Row(String id, @Nullable String payload, long transaction, long lsn) {
      this.id = id;
      this.payload = payload;
      this.transaction = transaction;
      this.lsn = lsn;
    }
  }

  /**
   * @param mark as far as the server may be told at most when the change has been dealt with
   */
  Change(@Nullable Row row, long mark) {
    this.row = row;
    this.mark = mark;
  }

  /** Nothing where only the log has gone on. */
  @Nullable Row row() {
    return row;
  }

  long mark() {
    return mark;
  }

  @Override
  public String toString() {
    return "Change";
  }
}
