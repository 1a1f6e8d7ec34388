package org.concordat.aggregator.evaluate;

/**
 * A row that a live rule flagged, and this aggregator's freshly re-randomised shares of what only
 * the bank concerned may read: the score's word (a sum in Z_2^64) where the rule has a score, then
 * the word of reason bits (an exclusive or; reason j in bit j) where it has reasons. And, opened to
 * all, which candidates of its paths hold where the rule alerts their records.
 */
public final class FlaggedRow {
  private final int output;
  private final int block;
  private final int row;
  private final long slots;
  private final long[] firstWords;
  private final long[] secondWords;

  FlaggedRow(int output, int block, int row, long slots, long[] firstWords, long[] secondWords) {
    this.slots = slots;
    this.output = output;
    this.block = block;
    this.row = row;
    this.firstWords = firstWords;
    this.secondWords = secondWords;
  }

  /** Index of the rule among the plan's outputs. */
  public int output() {
    return output;
  }

  /** Index of the block in the batch. */
  public int block() {
    return block;
  }

  /** Row of the block. */
  public int row() {
    return row;
  }

  /** Bit i: slot i of the output's paths holds. */
  public long slots() {
    return slots;
  }

  /** Component i of aggregator i. */
  public long[] firstWords() {
    return firstWords.clone();
  }

  /** Component i+1 mod 3 of aggregator i. */
  public long[] secondWords() {
    return secondWords.clone();
  }

  @Override
  public String toString() {
    return "FlaggedRow[output=" + output + ", block=" + block + ", row=" + row + "]";
  }
}
