package org.concordat.aggregator.worker;

import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.Digest;

/** What scores rows by one rule set. */
public record Scoring(Plan plan, PlanEvaluator evaluator) {
  /** As cuts name it. */
  public RuleSetId id() {
    return new RuleSetId(hash(), plan.version());
  }

  Digest hash() {
    return new Digest(plan.hash());
  }

  @Override
  public String toString() {
    return plan.ruleSet() + "@" + plan.version();
  }
}
