package org.concordat.aggregator.evaluate;

/**
 * What one aggregator holds of one block: components i and i+1 of every field, in the order of
 * {@link org.concordat.schemas.share.ShareLayout}. The arrays are not copied and not changed.
 */
public final class BlockShares {
  /** Rows of a block. */
  public static final int ROWS_MAX = 1024;

  private final int rows;
  private final long[] first;
  private final long[] second;

  /**
   * @param rows 1 to {@link #ROWS_MAX}
   * @param first component i of aggregator i
   * @param second component i+1 mod 3
   */
  public BlockShares(int rows, long[] first, long[] second) {
    if (rows < 1 || rows > ROWS_MAX) {
      throw new IllegalArgumentException("rows");
    }
    if (first.length != second.length) {
      throw new IllegalArgumentException("components of different length");
    }
    this.rows = rows;
    this.first = first;
    this.second = second;
  }

  public int rows() {
    return rows;
  }

  /** Words of each component. */
  int words() {
    return first.length;
  }

  long[] component(int position) {
    return position == 0 ? first : second;
  }

  @Override
  public String toString() {
    return "BlockShares[rows=" + rows + ", words=" + first.length + "]";
  }
}
