package org.concordat.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.concordat.rules.language.Rule;
import org.concordat.rules.model.Score;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShippedRuleSetsTest {
  @ParameterizedTest
  @ValueSource(strings = {"payments", "transfers"})
  void compileWithoutWarning(String name) {
    RuleSet ruleSet = RuleSet.load(Folders.shipped(name));
    assertThat(ruleSet.name()).isEqualTo(name);
    assertThat(ruleSet.warnings()).isEmpty();
    assertThat(ruleSet.rules().stream().filter(Rule::live)).hasSizeGreaterThanOrEqualTo(6);
    for (Score.Kind kind : Score.Kind.values()) {
      assertThat(ruleSet.rules())
          .anyMatch(r -> r.body() instanceof Rule.ByScore(Score s) && s.kind() == kind);
    }
  }

  @Test
  void everyRuleForTransfersFlagsWhatNoOtherDoes() throws IOException {
    RuleSet ruleSet = RuleSet.load(Folders.shipped("transfers"));
    SimulationReport report =
        Simulation.run(
            ruleSet,
            Folders.mapping(Folders.shipped("transfers").resolve("mapping.yaml")),
            SharedData.require("payments-10-banks/transactions.csv"),
            rows -> {});
    assertThat(report.rows()).isEqualTo(111_161);
    assertThat(report.refused()).isZero();
    assertThat((double) report.flagged() / report.rows()).isBetween(0.001, 0.05);
    for (SimulationReport.RuleReport rule : report.rules()) {
      assertThat(rule.flaggedAlone()).as(rule.rule()).isGreaterThanOrEqualTo(20);
    }
    assertThat(report.all()).isNotNull();
  }
}
