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
 *
 * <p>A peer whose own limit is lower says so, and no cut of the session has as many again.
 */
final class CutSize {
  private static final int GROWTH_DIVISOR = 16;

  private final int rowsMax;
  private int limit;
  private int rows;

  CutSize(int rowsMax) {
    this.rowsMax = rowsMax;
    this.limit = rowsMax;
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

  /** A peer takes fewer rows than these in a batch; none takes fewer than all have to take. */
  void refused(long attempted) {
    int least = Math.min(rowsMax, Settings.ROWS_MAX_LEAST);
    limit = (int) Math.max(least, Math.min(limit, attempted) / 2);
    rows = Math.min(rows, limit);
  }

  /** The peer may have been started anew, with another limit. */
  void newSession() {
    limit = rowsMax;
  }

  /** So many rows were computed; a cut far below what it might have been says nothing. */
  void committed(long computed) {
    if (2 * computed >= rows) {
      long done = Math.max(rows, computed);
      rows = (int) Math.min(limit, done + Math.max(1, done / GROWTH_DIVISOR));
    }
  }

  @Override
  public String toString() {
    return "CutSize[rows=" + rows + "]";
  }
}
