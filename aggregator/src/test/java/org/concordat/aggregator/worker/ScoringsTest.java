package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.aggregator.evaluate.PlanEvaluator;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;

class ScoringsTest {
  private final Scoring first = scoring(1);
  private final Scoring second = scoring(2);
  private final Scorings scorings = new Scorings(first);

  private static Scoring scoring(int version) {
    Plan of = new SealedBlocks().plan;
    byte[] hash = new byte[32];
    hash[0] = (byte) version;
    var plan =
        new Plan(
            of.ruleSet(),
            version,
            hash,
            of.contract(),
            of.contractVersion(),
            of.contractHash(),
            of.layout(),
            of.nodes(),
            of.outputs());
    return new Scoring(plan, new PlanEvaluator(plan));
  }

  @Test
  void aCutIsScoredByTheRuleSetThatItNames() {
    scorings.add(second);
    assertThat(scorings.of(first.hash())).isSameAs(first);
    assertThat(scorings.of(second.hash())).isSameAs(second);
    assertThat(scorings.later()).containsExactly(new RuleSetId(second.hash(), 2));
    var unknown = new Digest(new byte[32]);
    assertThatThrownBy(() -> scorings.of(unknown)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void eachPartitionChangesByItself() {
    scorings.add(second);
    assertThat(List.of(scorings.isInForce(first.hash()), scorings.isInForce(second.hash())))
        .containsExactly(true, false);
    assertThat(scorings.scored(0, first.hash())).isFalse();
    assertThat(scorings.scored(1, second.hash())).isTrue();
    assertThat(scorings.scored(1, second.hash())).isFalse();
    assertThat(List.of(scorings.isInForce(first.hash()), scorings.isInForce(second.hash())))
        .containsExactly(true, true);
    assertThat(scorings.scored(0, second.hash())).isTrue();
    assertThat(scorings.isInForce(first.hash())).isFalse();
  }

  @Test
  void whatScoredBeforeAStartIsNoChange() {
    var unknown = new Digest(new byte[32]);
    scorings.scored(0, unknown);
    assertThat(scorings.isInForce(first.hash())).as("another one is").isFalse();
    assertThat(scorings.scored(0, unknown)).isFalse();
  }
}
