package org.concordat.rules.feature;

import java.time.Instant;
import java.util.List;

/** Turns the cells of one feature into its fields. */
interface FieldEncoder {
  /** How many fields there are. */
  int fieldCount();

  /** The columns that are read, for people. */
  String columnNames();

  /** Writes the fields from {@code field} on. */
  void encode(List<String> row, Instant time, long[] fields, int field) throws Refusal;
}
