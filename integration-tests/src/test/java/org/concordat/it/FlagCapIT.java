package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.rules.RuleSet;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.rules.simulate.Simulation;
import org.concordat.rules.simulate.SimulationReport;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A charter's cap on flags holds across batches and an aggregator's restart: of each rule and bank
 * the first flags are opened, no more, and the bank is told what is held. Assumes that no UTC day
 * ends while it runs; then it may open more, and says so.
 */
@ExtendWith(LossStays.class)
class FlagCapIT {
  /** Below what some rules flag, and above what others do. */
  private static final int CAP = 5;

  private static final int PAYMENTS = 8_000;

  /** So that a rule's cap is reached long before the last payment comes. */
  private static final int RATE_PER_BANK = 1_000;

  @TempDir private Path temp;

  @Test
  void opensAsManyFlagsAsTheCharterAllows() throws Exception {
    Path folder = temp.resolve("caps");
    long day = System.currentTimeMillis() / Duration.ofDays(1).toMillis();
    try (Consortium consortium = Runs.simulated(folder, 2, PAYMENTS, RATE_PER_BANK, 1, CAP)) {
      Runs.largerBlocks(consortium);
      Runs.startAll(consortium);
      Runs.awaitUp(consortium, 120);
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> sum(consortium, "concordat_aggregator_rows_held_total") > 0);
      assertThat(consortium.role("agg-2").stop()).isTrue();
      consortium.role("agg-2").restart();
      Runs.awaitComplete(consortium, 120);

      Map<String, Long> expected = new TreeMap<>();
      Map<String, Long> delivered = new TreeMap<>();
      for (String bank : consortium.banks()) {
        for (SimulationReport.RuleReport rule : simulated(folder.resolve(bank)).rules()) {
          if (rule.live() && rule.flagged() > 0) {
            expected.put(bank + "/" + rule.rule(), Math.min(CAP, rule.flagged()));
          }
        }
        for (String line : Files.readAllLines(folder.resolve(bank).resolve("alerts.jsonl"))) {
          JsonNode alert = new ObjectMapper().readTree(line);
          delivered.merge(bank + "/" + alert.path("rule").asText(), 1L, Long::sum);
        }
      }
      assertThat(System.currentTimeMillis() / Duration.ofDays(1).toMillis())
          .as("the UTC day at the end")
          .isEqualTo(day);
      CheckReport report = OracleCheck.run(folder);
      if (report.extra() + report.different() > 0) {
        throw new LossStays.Loss(report.toString());
      }
      assertThat(report.missing()).isPositive();
      assertThat(delivered).isEqualTo(expected).containsValue((long) CAP);
      for (String bank : consortium.banks()) {
        assertThat(Runs.metrics(() -> consortium.agentMetrics(bank)))
            .satisfies(
                metrics ->
                    assertThat(metrics.sum("concordat_agent_held_notices_total")).isPositive());
      }
      Runs.end(consortium);
    }
  }

  private static double sum(Consortium consortium, String metric) {
    return consortium.aggregatorMetrics("agg-1").map(m -> m.sum(metric)).orElse(0.0);
  }

  private static SimulationReport simulated(Path bank) throws Exception {
    Path rules = ShippedRules.folder("payments");
    RuleSet ruleSet = RuleSet.load(rules);
    var problems = new Problems();
    Document document = Document.read(rules.resolve("mapping.yaml"), problems);
    SourceMapping mapping = SourceMapping.read(document);
    problems.throwIfAny();
    return Simulation.run(ruleSet, mapping, bank.resolve("payments.csv"), rows -> {});
  }
}
