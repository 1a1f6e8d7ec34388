package org.concordat.rules.feature;

import org.jspecify.annotations.Nullable;

/** A source row as the contract has it. Shows nothing of its content. */
public final class EncodedRow {
  private final String reference;
  private final byte[] sourceKey;
  private final byte[] account;
  private final String accountName;
  private final byte[] beneficiary;
  private final long eventMillis;
  private final long[] fields;
  private final @Nullable Boolean label;

  EncodedRow(
      String reference,
      byte[] sourceKey,
      byte[] account,
      String accountName,
      byte[] beneficiary,
      long eventMillis,
      long[] fields,
      @Nullable Boolean label) {
    this.reference = reference;
    this.sourceKey = sourceKey;
    this.account = account;
    this.accountName = accountName;
    this.beneficiary = beneficiary;
    this.eventMillis = eventMillis;
    this.fields = fields;
    this.label = label;
  }

  /** The bank's own name for the row. */
  public String reference() {
    return reference;
  }

  /** What makes the row the same row when it comes again. */
  public byte[] sourceKey() {
    return sourceKey.clone();
  }

  /** The account whose history the row belongs to; empty where the contract needs none. */
  public byte[] account() {
    return account.clone();
  }

  /** The account as people write it; empty where the contract needs no history. */
  public String accountName() {
    return accountName;
  }

  /** Whom the payment goes to; empty where the row doesn't tell, or the contract needs none. */
  public byte[] beneficiary() {
    return beneficiary.clone();
  }

  public long eventMillis() {
    return eventMillis;
  }

  /**
   * One value for each field of the layout: a signed integer, or an unsigned code. Not a copy;
   * those of history are filled in when the row is accepted.
   */
  public long[] fields() {
    return fields;
  }

  /** Whether it was fraud; nothing where the source doesn't say. */
  public @Nullable Boolean label() {
    return label;
  }

  @Override
  public String toString() {
    return "EncodedRow[fields=" + fields.length + "]";
  }
}
