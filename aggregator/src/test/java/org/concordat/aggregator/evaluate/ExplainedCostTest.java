package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.concordat.rules.RuleSet;
import org.concordat.rules.explain.Cost;
import org.concordat.rules.explain.Explanation;
import org.concordat.rules.explain.MatchingCost;
import org.concordat.rules.link.LinkSpec;
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

  @Test
  void isTheEnginesOwnForHiddenEntities() {
    RuleSet ruleSet = RuleSet.load(Path.of("../rules/src/main/rulesets/network-hidden"));
    compare(ruleSet);
    Explanation explanation = Explanation.of(ruleSet, Optional.empty());
    LinkSpec spec = ruleSet.plan().link().orElseThrow();
    MatchingCost matching =
        Objects.requireNonNull(Objects.requireNonNull(explanation.link()).matching());
    // Each lookup's pairs where the memory is full, then the running conjunctions.
    long pairs = spec.entitiesMax() >> spec.linkageBits();
    int levels = 11;
    assertThat(matching.pairs()).isEqualTo(2 * pairs);
    PairCircuit payer = PairCircuit.of(spec.measures().subList(0, 2));
    PairCircuit payee = PairCircuit.of(spec.measures().subList(2, 6));
    assertThat(matching.andGates())
        .isEqualTo((double) pairs * (payer.ands() + payee.ands() + 2 * levels));
    assertThat(matching.roundsPerPass()).isEqualTo(payee.rounds() + levels + 2);
  }

  private static void compare(RuleSet ruleSet) {
    Cost cost = Explanation.of(ruleSet, Optional.empty()).total();
    var evaluator = new PlanEvaluator(ruleSet.plan());
    assertThat(cost.rounds()).isEqualTo(evaluator.rounds());
    assertThat(cost.andGates()).isEqualTo(evaluator.ands());
  }
}
