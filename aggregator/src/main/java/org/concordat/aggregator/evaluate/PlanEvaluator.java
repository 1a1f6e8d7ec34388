package org.concordat.aggregator.evaluate;

import java.util.List;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.plan.Plan;

/** Runs one plan on the shares of batches. */
public final class PlanEvaluator {
  private final Plan plan;
  private final boolean opensScores;

  public PlanEvaluator(Plan plan) {
    this(plan, false);
  }

  private PlanEvaluator(Plan plan, boolean opensScores) {
    this.plan = plan;
    this.opensScores = opensScores;
  }

  /** Opens every row's score to the aggregators: for test charters alone. */
  public static PlanEvaluator openingEveryScore(Plan plan) {
    return new PlanEvaluator(plan, true);
  }

  public Outcome evaluate(Suite suite, List<BlockShares> blocks) {
    throw new IllegalStateException("not yet: " + plan.ruleSet() + opensScores + suite + blocks);
  }
}
