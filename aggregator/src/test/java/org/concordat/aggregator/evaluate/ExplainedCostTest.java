package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Cost;
import org.concordat.rules.explain.Explanation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code rules explain} promises is what the engine spends. */
class ExplainedCostTest {
  @ParameterizedTest
  @ValueSource(strings = {"payments", "transfers"})
  void isTheEnginesOwn(String name) {
    compare(RuleSet.load(Path.of("../rules/src/main/rulesets", name)));
  }

  @Test
  void isTheEnginesOwnForTrees() {
    compare(RuleSet.load(Path.of("src/test/resources/rulesets/trees")));
  }

  @Test
  void isTheEnginesOwnForWindowsAndPaths() {
    compare(RuleSet.load(Path.of("src/test/resources/rulesets/linked")));
  }

  private static void compare(RuleSet ruleSet) {
    Cost cost = Explanation.of(ruleSet, Optional.empty()).total();
    var evaluator = new PlanEvaluator(ruleSet.plan());
    assertThat(cost.rounds()).isEqualTo(evaluator.rounds());
    assertThat(cost.andGates()).isEqualTo(evaluator.ands());
  }
}
