package org.concordat.ops.bench;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.concordat.rules.feature.EncodedRow;

/** Rows of one bank in the clear, column by column, with their references and arrivals. */
final class PlainBlock {
  private final String[] references;
  private final long[] dueMillis;
  private final long[][] columns;

  private PlainBlock(String[] references, long[] dueMillis, long[][] columns) {
    this.references = references;
    this.dueMillis = dueMillis;
    this.columns = columns;
  }

  static byte[] encode(List<EncodedRow> rows, List<Long> dueMillis, int fields) {
    byte[] references =
        String.join("\n", rows.stream().map(EncodedRow::reference).toList())
            .getBytes(StandardCharsets.UTF_8);
    var out =
        ByteBuffer.allocate(
            3 * Integer.BYTES + references.length + Long.BYTES * (fields + 1) * rows.size());
    out.putInt(rows.size()).putInt(fields).putInt(references.length).put(references);
    dueMillis.forEach(out::putLong);
    for (int f = 0; f < fields; f++) {
      for (EncodedRow row : rows) {
        out.putLong(row.fields()[f]);
      }
    }
    return out.array();
  }

  static PlainBlock decode(byte[] bytes) {
    var in = ByteBuffer.wrap(bytes);
    int rows = in.getInt();
    int fields = in.getInt();
    byte[] references = new byte[in.getInt()];
    in.get(references);
    LongBuffer words = in.slice().asLongBuffer();
    long[] dueMillis = new long[rows];
    words.get(dueMillis);
    long[][] columns = new long[fields][rows];
    for (long[] column : columns) {
      words.get(column);
    }
    return new PlainBlock(
        new String(references, StandardCharsets.UTF_8).split("\n"), dueMillis, columns);
  }

  int rows() {
    return references.length;
  }

  String reference(int row) {
    return references[row];
  }

  long dueMillis(int row) {
    return dueMillis[row];
  }

  /** By field, not copied. */
  long[][] columns() {
    return columns;
  }
}
