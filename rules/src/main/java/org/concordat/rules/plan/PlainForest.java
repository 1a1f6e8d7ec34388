package org.concordat.rules.plan;

import java.util.List;
import java.util.stream.IntStream;

/** The sum of secret trees on plain columns, from the very bits that are shared otherwise. */
final class PlainForest {
  private final Node.SecretForest forest;
  private final TreeTables tables;
  private final long[] words;

  /** By digit the inputs that are 1 in the row at hand. */
  private final int[][] set;

  private final long[] offsets;
  private final int[] inputs;

  PlainForest(Node.SecretForest forest, long[] words) {
    this.forest = forest;
    this.tables = forest.tables();
    this.words = words;
    this.set = new int[tables.digits()][];
    this.offsets = IntStream.range(0, set.length).mapToLong(tables::offset).toArray();
    this.inputs = IntStream.range(0, set.length).map(tables::inputs).toArray();
  }

  long[] sum(long[][] values, int rows) {
    long[] sum = new long[rows];
    for (int row = 0; row < rows; row++) {
      for (int digit = 0; digit < set.length; digit++) {
        set[digit] = setInputs(digit, values, row);
      }
      for (int tree = 0; tree < tables.trees(); tree++) {
        sum[row] += leaf(tree);
      }
    }
    return sum;
  }

  private int[] setInputs(int digit, long[][] values, int row) {
    List<TreeTables.Code> codes = tables.codes();
    int[] ones = new int[(int) codes.stream().filter(c -> digit < tables.digits(c)).count()];
    int count = 0;
    int first = 0;
    int missing = codes.size();
    for (int i = 0; i < codes.size(); i++) {
      TreeTables.Code code = codes.get(i);
      boolean isMissing = code.optional() && values[forest.inputs().get(missing++)][row] == 1;
      if (digit < tables.digits(code)) {
        int below = code.widthBits();
        for (int higher = 0; higher <= digit; higher++) {
          below -= tables.digitWidth(code, higher);
        }
        int width = tables.digitWidth(code, digit);
        long value = values[forest.inputs().get(i)][row];
        long shifted = below == Long.SIZE ? 0 : value >>> below;
        boolean standsForMissing = isMissing && TreeTables.hasMissing(code, digit);
        ones[count++] =
            first + (standsForMissing ? 1 << width : (int) (shifted & ((1 << width) - 1)));
        first += tables.inputs(code, digit);
      }
    }
    return ones;
  }

  private long leaf(int tree) {
    int node = 0;
    int inner = (1 << tables.depth()) - 1;
    while (node < inner) {
      node = 2 * node + (goesLeft(tree * inner + node) ? 1 : 2);
    }
    // Offsets are added up from all codes each time: once a leaf, not once a bit of it.
    long lowest = tables.leafOffset(tree) + node - inner;
    long value = 0;
    for (int bit = 0; bit < tables.leafBits(); bit++) {
      value |= bit(lowest + ((long) bit << tables.depth())) << bit;
    }
    return value;
  }

  /** As on shares, whatever the bits are: left is the highest digit's, changed where it is open. */
  private boolean goesLeft(int node) {
    long left = 0;
    long open = 1;
    for (int digit = 0; digit < set.length; digit++) {
      boolean isLast = digit + 1 == set.length;
      long row = offsets[digit] + (long) node * (isLast ? 1 : 2) * inputs[digit];
      left ^= open & sum(row, set[digit]);
      if (!isLast) {
        open &= sum(row + inputs[digit], set[digit]);
      }
    }
    return left == 1;
  }

  private long sum(long row, int[] ones) {
    long sum = 0;
    for (int input : ones) {
      sum ^= bit(row + input);
    }
    return sum;
  }

  private long bit(long at) {
    return words[(int) (at >>> 6)] >>> (at & 63) & 1;
  }
}
