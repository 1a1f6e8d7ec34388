package org.concordat.agent.encode;

import java.util.List;
import org.concordat.agent.store.JournalRow;
import org.concordat.schemas.share.BitPlanes;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** Rows as the words of a block, and how many rows a block may have. */
public final class BlockRows {
  /** A sealed block is smaller than this, its header aside. */
  public static final int BLOCK_BYTES_MAX = 512 << 10;

  public static final int ROWS_MAX = 1024;

  /** Seeds, salts and framing of a payload. */
  private static final int PAYLOAD_OVERHEAD_BYTES = 1024;

  private BlockRows() {}

  /**
   * The most rows of a layout whose block keeps within {@link #BLOCK_BYTES_MAX}.
   *
   * @param configured an upper limit, at most {@link #ROWS_MAX}
   */
  public static int rowsMax(ShareLayout layout, int configured) {
    int rows = Math.min(configured, ROWS_MAX);
    while (rows > 1 && payloadBytes(layout, rows) > BLOCK_BYTES_MAX) {
      rows--;
    }
    return rows;
  }

  /** An upper bound of one copy's payload: one explicit component, transaction ids, the rest. */
  static long payloadBytes(ShareLayout layout, int rows) {
    return 8L * layout.words(rows) + 16L * rows + PAYLOAD_OVERHEAD_BYTES;
  }

  /** Every field's words, in the layout's order. */
  static long[] words(ShareLayout layout, List<JournalRow> rows) {
    int count = rows.size();
    long[] words = new long[layout.words(count)];
    long[] column = new long[count];
    for (int f = 0; f < layout.fields().size(); f++) {
      ShareField field = layout.fields().get(f);
      for (int r = 0; r < count; r++) {
        column[r] = rows.get(r).field(f);
      }
      int offset = layout.offset(f, count);
      if (field.domain() == Domain.ARITHMETIC) {
        System.arraycopy(column, 0, words, offset, count);
      } else {
        BitPlanes.toPlanes(column, count, field.widthBits(), words, offset);
      }
    }
    return words;
  }

  static byte[] transactionIds(List<JournalRow> rows) {
    byte[] ids = new byte[16 * rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      System.arraycopy(rows.get(r).transactionId(), 0, ids, 16 * r, 16);
    }
    return ids;
  }
}
