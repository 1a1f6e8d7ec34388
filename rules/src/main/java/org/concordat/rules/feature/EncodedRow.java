package org.concordat.rules.feature;

import org.jspecify.annotations.Nullable;

/** A source row as the contract has it. Shows nothing of its content. */
public final class EncodedRow {
  private final String reference;
  private final byte[] sourceKey;
  private final long eventMillis;
  private final long[] fields;
  private final @Nullable Boolean label;

  EncodedRow(
      String reference,
      byte[] sourceKey,
      long eventMillis,
      long[] fields,
      @Nullable Boolean label) {
    this.reference = reference;
    this.sourceKey = sourceKey;
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

  public long eventMillis() {
    return eventMillis;
  }

  /** One value for each field of the layout: a signed integer, or an unsigned code. Not a copy. */
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
