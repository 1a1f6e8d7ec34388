package org.concordat.ops.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's rules are tuned on the demo's payments: neither may change without the other. */
class ShippedRulesOnSimulatedPaymentsTest {
  private static final Path RULES = Path.of("../rules/src/main/rulesets/payments");

  @TempDir Path folder;

  @Test
  void everyRuleFlagsWhatNoOtherDoesAndMissesSome() throws IOException {
    Path payments = folder.resolve("payments.csv");
    try (var writer = Files.newBufferedWriter(payments)) {
      new PaymentSimulator(1, 3).writeAll(100_000, writer);
    }
    var problems = new Problems();
    Document document = Document.read(RULES.resolve("mapping.yaml"), problems);
    SourceMapping mapping = SourceMapping.read(document);
    problems.throwIfAny();
    SimulationReport report = Simulation.run(RuleSet.load(RULES), mapping, payments, rows -> {});
    assertThat(report.rows()).isEqualTo(100_000);
    assertThat(report.refused()).isZero();
    assertThat((double) report.flagged() / report.rows()).isBetween(0.001, 0.05);
    for (SimulationReport.RuleReport rule : report.rules()) {
      assertThat(rule.flaggedAlone()).as(rule.rule()).isGreaterThanOrEqualTo(20);
    }
    var quality = report.all();
    assertThat(quality).isNotNull();
    assertThat(quality.precision()).isBetween(0.1, 0.9);
    assertThat(quality.recall()).isBetween(0.5, 0.99);
  }
}
