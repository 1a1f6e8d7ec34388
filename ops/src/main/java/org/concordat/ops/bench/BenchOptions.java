package org.concordat.ops.bench;

import java.nio.file.Path;
import org.concordat.rules.RuleSet;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark of the pipeline is asked for.
 *
 * @param json end with the figures as one line of JSON
 * @param ratePerSecond of the scheduled phases, over all banks; 0 for half of what was measured
 * @param network between the aggregators
 * @param plaintext whether to measure the baseline too
 * @param profile where to write recordings and their summary; null for no profile
 * @param rules the rule set's folder
 */
public record BenchOptions(
    boolean json,
    int warmUpSeconds,
    int seconds,
    int ratePerSecond,
    PeerNetwork network,
    boolean plaintext,
    @Nullable Path profile,
    Path rules,
    Phases phases) {
  /** Which phases are measured. */
  public enum Phases {
    ALL,
    /** Shares and plaintext, as fast as they go. */
    FAST,
    /** Shares and plaintext at a rate that is given. */
    RATE
  }

  /** Whether the rule set links payments, which then are simulated instead of drawn. */
  boolean links() {
    return RuleSet.load(rules).plan().link().isPresent();
  }

  /** Each with one agent. */
  public static final int BANKS = 3;
}
