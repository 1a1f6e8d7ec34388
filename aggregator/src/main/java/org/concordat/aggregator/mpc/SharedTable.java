package org.concordat.aggregator.mpc;

/**
 * Shared rows that move as a whole: the columns that one party holds of them, each a word a row.
 * Those of bits come first and are shared by exclusive or, the others by addition. The arrays are
 * not copied. Prints nothing of them.
 */
public final class SharedTable {
  private final int bitColumns;
  private final int rows;
  private final long[][][] components;

  /**
   * @param bitColumns how many of the columns are shared by exclusive or
   * @param components by position and column, each as long as there are rows
   */
  public SharedTable(int bitColumns, int rows, long[][][] components) {
    if (rows < 0 || rows > Channel.FLIGHT_WORDS_MAX) {
      throw new IllegalArgumentException("rows");
    }
    for (long[][] component : components) {
      if (bitColumns < 0 || bitColumns > component.length) {
        throw new IllegalArgumentException("columns");
      }
      for (long[] column : component) {
        if (column.length != rows) {
          throw new IllegalArgumentException("columns of different length");
        }
      }
    }
    this.bitColumns = bitColumns;
    this.rows = rows;
    this.components = components;
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return components[0].length;
  }

  /** Whether a column is shared by exclusive or. */
  public boolean isBits(int column) {
    return column < bitColumns;
  }

  /** A column's component at a position, from 0, of those that this party holds. */
  public long[] column(int position, int column) {
    return components[position][column];
  }

  @Override
  public String toString() {
    return "SharedTable[rows=" + rows + ", columns=" + columns() + "]";
  }
}
