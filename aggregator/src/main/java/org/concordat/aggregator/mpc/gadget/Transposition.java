package org.concordat.aggregator.mpc.gadget;

import org.concordat.aggregator.mpc.Columns;

/**
 * Turns the lanes of a column into bit planes: for each word index a 64x64 bit matrix is
 * transposed, by exchanging ever smaller off-diagonal squares. Each exchange runs over the words of
 * two whole arrays.
 */
final class Transposition {
  private static final long[] LOW_HALVES = {
    0x5555555555555555L,
    0x3333333333333333L,
    0x0F0F0F0F0F0F0F0FL,
    0x00FF00FF00FF00FFL,
    0x0000FFFF0000FFFFL,
    0x00000000FFFFFFFFL
  };

  private Transposition() {}

  /**
   * @param lanes 64 arrays, unchanged
   * @param planes 1 to 64 arrays, the low planes that are wanted
   * @param scratch 64 arrays, overwritten
   */
  static void planes(long[][] lanes, long[][] planes, long[][] scratch, int words) {
    for (int lane = 0; lane < Columns.LANES; lane++) {
      System.arraycopy(lanes[lane], 0, scratch[lane], 0, words);
    }
    for (int level = 5; level >= 0; level--) {
      int distance = 1 << level;
      for (int low = 0; low < Columns.LANES; low++) {
        // Later exchanges stay within groups of `distance` arrays; groups without a wanted plane
        // needn't be right.
        if ((low & distance) == 0 && (low & -distance) < planes.length) {
          exchange(scratch[low], scratch[low + distance], distance, LOW_HALVES[level], words);
        }
      }
    }
    for (int plane = 0; plane < planes.length; plane++) {
      System.arraycopy(scratch[plane], 0, planes[plane], 0, words);
    }
  }

  private static void exchange(long[] low, long[] high, int distance, long mask, int words) {
    for (int i = 0; i < words; i++) {
      long difference = ((low[i] >>> distance) ^ high[i]) & mask;
      high[i] ^= difference;
      low[i] ^= difference << distance;
    }
  }
}
