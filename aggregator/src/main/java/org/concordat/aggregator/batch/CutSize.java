package org.concordat.aggregator.batch;

/**
 * How many rows the leader cuts into a batch: half as many as were in an attempt that was too much
 * to compute, and a sixteenth more with each batch of about that size that is committed, up to the
 * configured limit. So what a bank's records cost together can't have the same batch fail again and
 * again: at the latest a cut of one block is left, which is computed however long it takes.
 *
 * <p>Peers check the configured limit alone. A leader that cuts less than it could is only slower,
 * and {@link LeaderWatch} counts the cuts that leave a bank out; after a restart it begins with the
 * full size.
 */
final class CutSize {
  private static final int GROWTH_DIVISOR = 16;

  private final int rowsMax;
  private int rows;

  CutSize(int rowsMax) {
    this.rowsMax = rowsMax;
    this.rows = rowsMax;
  }

  /** Rows of the next cut, at most, unless its first block alone has more. */
  int rows() {
    return rows;
  }

  /** An attempt on so many rows was given up, and fewer may do. */
  void tooMuch(long attempted) {
    if (attempted > 0) {
      rows = (int) Math.max(1, Math.min(rows, attempted) / 2);
    }
  }

  /** So many rows were computed; a cut far below what it might have been says nothing. */
  void committed(long computed) {
    if (2 * computed >= rows) {
      long done = Math.max(rows, computed);
      rows = (int) Math.min(rowsMax, done + Math.max(1, done / GROWTH_DIVISOR));
    }
  }

  @Override
  public String toString() {
    return "CutSize[rows=" + rows + "]";
  }
}
