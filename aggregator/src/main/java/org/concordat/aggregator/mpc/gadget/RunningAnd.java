package org.concordat.aggregator.mpc.gadget;

import java.util.Arrays;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;

/**
 * The conjunction of each bit of a plane with all bits before it in its run, along the rows: runs
 * of any length lie one behind the other. Hillis and Steele, "Data parallel algorithms" (CACM
 * 1986): in each round a bit is multiplied with the one that stands twice as far before it, if that
 * is in its run.
 *
 * <p>ceil(log2) of the longest run rounds, a bit for each row and round. Where runs end is public;
 * hides the bits, and tolerates, what the suite does.
 */
public final class RunningAnd {
  /** Slots that it works on. */
  public static final int SLOTS = 3;

  private static final int BITS = 0;
  private static final int SHIFTED = 1;
  private static final int PRODUCT = 2;

  private RunningAnd() {}

  /**
   * Replaces slot 0 of columns of {@link #SLOTS} slots.
   *
   * @param places of each row within its run, from 0
   */
  public static void over(Suite suite, Steps steps, String path, Columns columns, int[] places) {
    int longest = Arrays.stream(places).max().orElse(0) + 1;
    long[] inRun = new long[columns.words()];
    for (int distance = 1; distance < longest; distance *= 2) {
      Arrays.fill(inRun, 0);
      for (int row = 0; row < places.length; row++) {
        if (places[row] >= distance) {
          inRun[row / Columns.LANES] |= 1L << row;
        }
      }
      for (int position = 0; position < suite.held(); position++) {
        long[][] slots = columns.component(position);
        // What is before the run counts as 1.
        long outside = suite.component(position) == 0 ? -1L : 0L;
        for (int word = 0; word < inRun.length; word++) {
          long shifted = shifted(slots[BITS], word, distance);
          slots[SHIFTED][word] = shifted & inRun[word] | outside & ~inRun[word];
        }
      }
      suite
          .and(
              steps.next(path + "/distance" + distance),
              columns,
              new int[] {BITS},
              new int[] {SHIFTED},
              new int[] {PRODUCT})
          .await();
      for (int position = 0; position < suite.held(); position++) {
        long[][] slots = columns.component(position);
        System.arraycopy(slots[PRODUCT], 0, slots[BITS], 0, columns.words());
      }
    }
  }

  /** A word of the plane whose rows have moved up. */
  private static long shifted(long[] plane, int word, int distance) {
    int from = word - distance / Columns.LANES;
    int bits = distance % Columns.LANES;
    if (from < 0) {
      return 0;
    }
    if (bits == 0) {
      return plane[from];
    }
    return plane[from] << bits | (from == 0 ? 0 : plane[from - 1] >>> (Columns.LANES - bits));
  }
}
