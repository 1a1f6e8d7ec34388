package org.concordat.agent.store;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row as it was scored. Holds feature values: it has no equality and prints its shape only. */
public final class JournalRow {
  private final byte[] transactionId;
  private final byte @Nullable [] firstVersion;
  private final byte[] contentId;
  private final String reference;
  private final String account;
  private final long eventMillis;
  private final long acceptedMillis;
  private final long[] fields;

  /**
   * @param transactionId 16 bytes
   * @param firstVersion the transaction id of the row that this one corrects, if any
   * @param contentId 16 bytes: keyed hash of what was scored
   * @param fields one value per layout field
   */
  public JournalRow(
      byte[] transactionId,
      byte @Nullable [] firstVersion,
      byte[] contentId,
      String reference,
      long eventMillis,
      long acceptedMillis,
      long[] fields) {
    this(
        transactionId, firstVersion, contentId, reference, "", eventMillis, acceptedMillis, fields);
  }

  /**
   * @param account whose payment it is; empty where the source doesn't say
   */
  public JournalRow(
      byte[] transactionId,
      byte @Nullable [] firstVersion,
      byte[] contentId,
      String reference,
      String account,
      long eventMillis,
      long acceptedMillis,
      long[] fields) {
    this.transactionId = transactionId;
    this.firstVersion = firstVersion;
    this.contentId = contentId;
    this.reference = reference;
    this.account = account;
    this.eventMillis = eventMillis;
    this.acceptedMillis = acceptedMillis;
    this.fields = fields;
  }

  public byte[] transactionId() {
    return transactionId.clone();
  }

  /**
   * The transaction id of the first row with the same source key, where this one has other content.
   */
  public Optional<byte[]> firstVersion() {
    return firstVersion == null ? Optional.empty() : Optional.of(firstVersion.clone());
  }

  /** Keyed hash of what was scored. */
  public byte[] contentId() {
    return contentId.clone();
  }

  /** The bank's own reference of the transaction. */
  public String reference() {
    return reference;
  }

  /** The account whose payment it is; empty where the source doesn't say. */
  public String account() {
    return account;
  }

  public long eventMillis() {
    return eventMillis;
  }

  public long eventMinute() {
    return Math.floorDiv(eventMillis, 60_000L);
  }

  public long acceptedMillis() {
    return acceptedMillis;
  }

  public int fieldCount() {
    return fields.length;
  }

  /** A signed integer, or an unsigned code, by the layout's order. */
  public long field(int index) {
    return fields[index];
  }

  public long[] fields() {
    return fields.clone();
  }

  @Override
  public String toString() {
    return "JournalRow[" + fields.length + " fields]";
  }
}
