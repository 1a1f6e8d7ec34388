package org.concordat.it;

import java.util.Arrays;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalRow;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;

/** How often rebuilt fields are the journal's, per field. */
final class FieldMatches {
  private final ShareLayout layout;
  private final long[] equal;
  private long rows;

  FieldMatches(ShareLayout layout) {
    this.layout = layout;
    this.equal = new long[layout.fields().size()];
  }

  void count(long[] words, JournalBlock block) {
    int count = block.rows().size();
    rows += count;
    for (int f = 0; f < equal.length; f++) {
      for (int r = 0; r < count; r++) {
        JournalRow row = block.rows().get(r);
        ShareField field = layout.fields().get(f);
        long mask = field.widthBits() == 64 ? -1L : (1L << field.widthBits()) - 1;
        if (value(words, f, r, count) == (row.field(f) & mask)) {
          equal[f]++;
        }
      }
    }
  }

  private long value(long[] words, int f, int row, int rowCount) {
    ShareField field = layout.fields().get(f);
    int offset = layout.offset(f, rowCount);
    if (field.domain() == Domain.ARITHMETIC) {
      return words[offset + row];
    }
    long value = 0;
    for (int bit = 0; bit < field.widthBits(); bit++) {
      long plane = words[offset + bit * ShareLayout.planeWords(rowCount) + (row >>> 6)];
      value |= (plane >>> (row & 63) & 1) << bit;
    }
    return value;
  }

  boolean all() {
    return Arrays.stream(equal).allMatch(e -> e == rows);
  }

  boolean atMostByChance() {
    double sigmas = Uniformity.SIGMAS;
    boolean chance = true;
    for (int f = 0; f < equal.length; f++) {
      double expected = rows * Math.pow(0.5, layout.fields().get(f).widthBits());
      chance &= equal[f] <= expected + sigmas * Math.sqrt(expected) + sigmas / 2;
    }
    return chance;
  }

  @Override
  public String toString() {
    return "matches " + Arrays.toString(equal) + " of " + rows;
  }
}
