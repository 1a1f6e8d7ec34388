package org.concordat.aggregator.evaluate;

import java.util.Arrays;

/**
 * What a batch may open: for each rule and bank as many flags as the charter's cap leaves of the
 * day, and none of history. All parties count what was opened, so theirs are equal. Serves one
 * evaluation, which uses it up.
 */
public final class FlagBudget {
  /** Owner of a block whose flags stay closed, and aren't held either. */
  public static final int NOBODY = -1;

  private final int[] owners;
  private final long[][] left;

  /**
   * @param owners by block of the batch: index of the bank, or {@link #NOBODY}
   * @param left by output of the plan and by owner: flags that may still be opened
   */
  public FlagBudget(int[] owners, long[][] left) {
    this.owners = owners.clone();
    this.left = Arrays.stream(left).map(long[]::clone).toArray(long[][]::new);
  }

  /** For evaluations that are no bank's, such as a measurement. */
  public static FlagBudget unlimited(int blocks, int outputs) {
    long[][] left = new long[outputs][1];
    Arrays.stream(left).forEach(of -> of[0] = Long.MAX_VALUE);
    return new FlagBudget(new int[blocks], left);
  }

  int blocks() {
    return owners.length;
  }

  /** Index of the bank that a block counts for, or {@link #NOBODY}. */
  public int owner(int block) {
    return owners[block];
  }

  /** Flags that may still be opened. */
  public long left(int output, int owner) {
    return owner == NOBODY ? 0 : left[output][owner];
  }

  void take(int output, int owner, int flags) {
    if (owner != NOBODY) {
      left[output][owner] -= flags;
    }
  }

  @Override
  public String toString() {
    return "FlagBudget[blocks=" + owners.length + "]";
  }
}
