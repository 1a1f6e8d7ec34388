package org.concordat.aggregator.evaluate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a batch came to, at one aggregator. */
public final class Outcome {
  private final List<FlaggedRow> flagged;
  private final int[] flagCounts;
  private final List<HeldRows> held;
  private final byte[] digest;
  private final @Nullable OpenedScores scores;

  Outcome(
      List<FlaggedRow> flagged,
      int[] flagCounts,
      List<HeldRows> held,
      byte[] digest,
      @Nullable OpenedScores scores) {
    this.flagged = List.copyOf(flagged);
    this.flagCounts = flagCounts;
    this.held = List.copyOf(held);
    this.digest = digest;
    this.scores = scores;
  }

  /** Ordered by block, row and output: the same rows in the same order at all parties. */
  public List<FlaggedRow> flagged() {
    return flagged;
  }

  /** Flagged rows of one output of the plan; 0 for a shadow rule. */
  public int flagCount(int output) {
    return flagCounts[output];
  }

  /** Rows on which a rule's flags stay closed since its cap is reached. */
  public List<HeldRows> held() {
    return held;
  }

  /** SHA-256 over what was opened and the batch's shape: equal at all parties. */
  public byte[] digest() {
    return digest.clone();
  }

  /** Every row's score, where the evaluator was made to open them. */
  public @Nullable OpenedScores scores() {
    return scores;
  }

  @Override
  public String toString() {
    return "Outcome[flagged=" + flagged.size() + "]";
  }
}
