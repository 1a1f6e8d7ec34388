package org.concordat.aggregator.evaluate;

/** Every row's score of a batch that ran under a test charter which opens them. */
public final class OpenedScores {
  private final int[] starts;
  private final long[][] byOutput;

  /**
   * @param starts index of each block's first row
   * @param byOutput one score a row; an empty array for an output without a score
   */
  OpenedScores(int[] starts, long[][] byOutput) {
    this.starts = starts;
    this.byOutput = byOutput;
  }

  /** The signed score at the plan's scale. */
  public long score(int output, int block, int row) {
    return byOutput[output][starts[block] + row];
  }

  @Override
  public String toString() {
    return "OpenedScores[outputs=" + byOutput.length + "]";
  }
}
