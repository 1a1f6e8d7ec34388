package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.concordat.ops.demo.MemoryUse;
import org.junit.jupiter.api.Test;

/** What a report says of a run, and what it takes to hold. */
class ChaosReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PER_KIND = 20;

  private static ChaosReport report(
      int faults, int between, List<Watch.Ended> ended, boolean inOrder, boolean alertsHold)
      throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    for (FaultKind kind : FaultKind.values()) {
      for (int i = 0; i < PER_KIND; i++) {
        var fault = new Fault(outcomes.size() + 1, kind, "agg-1", Optional.empty(), 0, 500, true);
        long strike = 2_000L + 100L * outcomes.size();
        outcomes.add(new Outcome(fault, strike, strike + 500, i < 5, 100L * (i + 1), inOrder));
      }
    }
    var options =
        new ChaosOptions(
            1,
            7,
            200,
            EnumSet.allOf(FaultKind.class),
            faults,
            between,
            Path.of(""),
            Optional.empty(),
            Optional.empty(),
            false);
    return new ChaosReport(
        options,
        1_000,
        61_000,
        outcomes,
        ended,
        new TreeMap<>(Map.of(2L, 100L, 3L, 300L)),
        List.of(new Watch.Lag(1_500, 0.5), new Watch.Lag(2_500, 3)),
        Map.of("agg-1", new MemoryUse(300L << 20, 832L << 20)),
        JSON.readTree("{\"transactions\":12000,\"scored\":12000,\"alerts\":50,\"oracle\":50}"),
        alertsHold,
        true);
  }

  @Test
  void aRunHoldsOnlyWithAllThatWasAskedFor() throws Exception {
    var ended = new Watch.Ended("agg-2", 1, 5_000);
    assertThat(report(140, 5, List.of(), true, true).holds()).isTrue();
    assertThat(report(141, 5, List.of(), true, true).holds()).isFalse();
    assertThat(report(140, 6, List.of(), true, true).holds()).isFalse();
    assertThat(report(140, 5, List.of(ended), true, true).holds()).isFalse();
    assertThat(report(140, 5, List.of(), false, true).holds()).isFalse();
    assertThat(report(140, 5, List.of(), true, false).holds()).isFalse();
  }

  @Test
  void aRunWithoutOneKindDoesNotHold() throws Exception {
    ChaosReport all = report(100, 0, List.of(), true, true);
    List<Outcome> others =
        all.outcomes().stream().filter(o -> o.fault().kind() != FaultKind.FREEZE).toList();
    assertThat(others).hasSizeGreaterThan(100);
    assertThat(all.enough()).isTrue();
    assertThat(with(all, others, all.memory()).enough()).isFalse();
  }

  private static ChaosReport with(
      ChaosReport all, List<Outcome> outcomes, Map<String, MemoryUse> memory) {
    return new ChaosReport(
        all.options(),
        all.beginMillis(),
        all.endMillis(),
        outcomes,
        all.ended(),
        all.rowsBySecond(),
        all.lags(),
        memory,
        all.check(),
        all.alertsHold(),
        all.complete());
  }

  @Test
  void aRunThatIsNeverOverDoesNotHoldAndHasNoDifferences() throws Exception {
    ChaosReport all = report(140, 5, List.of(), true, true);
    var waiting =
        new ChaosReport(
            all.options(),
            all.beginMillis(),
            all.endMillis(),
            all.outcomes(),
            all.ended(),
            all.rowsBySecond(),
            all.lags(),
            all.memory(),
            all.check(),
            true,
            false);
    assertThat(waiting.holds()).isFalse();
    assertThat(waiting.summary()).containsEntry("complete", false);
    assertThat(ChaosText.text(waiting))
        .contains(ChaosText.ORACLES, "never told that nothing is under way")
        .doesNotContain(ChaosText.DIFFERENCES);
    assertThat(ChaosText.text(report(140, 5, List.of(), true, false)))
        .contains(ChaosText.DIFFERENCES)
        .doesNotContain(ChaosText.ORACLES);
  }

  @Test
  void aRunWithAProcessBeyondItsBoundDoesNotHold() throws Exception {
    ChaosReport all = report(140, 5, List.of(), true, true);
    long bound = 832L << 20;
    Map<String, MemoryUse> memory = new TreeMap<>();
    memory.put("agg-1", new MemoryUse(bound, bound));
    assertThat(with(all, all.outcomes(), memory).holds()).isTrue();
    memory.put("bank-a", new MemoryUse(bound + 1, bound));
    ChaosReport beyond = with(all, all.outcomes(), memory);
    assertThat(beyond.boundedMemory()).isFalse();
    assertThat(beyond.holds()).isFalse();
    assertThat(ChaosText.text(beyond))
        .contains("agg-1 832 of 832 MiB, bank-a 833 of 832 MiB")
        .contains("bank-a took more memory than it may.")
        .contains("but a process took more memory than it may.")
        .doesNotContain("agg-1 took more memory");
  }

  @Test
  void percentilesAreOfTheNearestRank() throws Exception {
    ChaosReport.Tally tally = report(140, 5, List.of(), true, true).tallies().getFirst();
    assertThat(tally.count()).isEqualTo(20);
    assertThat(tally.between()).isEqualTo(5);
    assertThat(tally.percentile(50)).isEqualTo(1.0);
    assertThat(tally.percentile(95)).isEqualTo(1.9);
    assertThat(tally.percentile(100)).isEqualTo(2.0);
    List<Double> killed = report(140, 5, List.of(), true, true).killed();
    assertThat(killed).hasSize(3 * PER_KIND).isSorted();
    assertThat(ChaosReport.percentile(killed, 95)).isEqualTo(1.9);
    assertThat(ChaosReport.percentile(List.of(), 95)).isZero();
  }

  @Test
  void textPageAndJsonTellTheSame() throws Exception {
    ChaosReport report = report(140, 5, List.of(new Watch.Ended("agg-2", 1, 5_000)), true, true);
    assertThat(ChaosText.text(report))
        .contains("agent-kill", "20", "1.0 s /   1.9 s /   2.0 s")
        .contains("agg-2 ended by itself with status 1 after 4.0 s.")
        .contains("Resident at most, of what each may have: agg-1 300 of 832 MiB")
        .contains("50 alerts, 50 by the oracle: 0 missing, 0 extra, 0 different")
        .contains("but a process ended where it should not have");
    String page = ChaosPage.html(report);
    assertThat(page)
        .contains("<polyline", "agent-kill agg-1 at 1.0 s for 0.5 s, scoring again after 0.1 s")
        .contains("It does not hold.", "300 of 832 MiB")
        .endsWith("</html>\n");
    assertThat(page.split("<rect", -1)).hasSize(141);
    var json = JSON.readTree(JSON.writeValueAsString(report.summary()));
    assertThat(json.path("holds").asBoolean()).isFalse();
    assertThat(json.path("kinds").path("freeze").path("recoveryP95Seconds").asDouble())
        .isEqualTo(1.9);
    assertThat(json.path("mostResidentMebibytes").path("agg-1").path("bound").asInt())
        .isEqualTo(832);
    assertThat(json.path("complete").asBoolean()).isTrue();
    assertThat(json.path("outcomes")).hasSize(140);
    assertThat(json.path("outcomes").path(0).path("inOrder").asBoolean()).isTrue();
  }
}
