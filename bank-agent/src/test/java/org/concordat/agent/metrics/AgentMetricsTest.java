package org.concordat.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be counted is there before it happens: no query sees a series begin with 1. */
class AgentMetricsTest {
  @TempDir private Path data;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void eachReasonForWhichARowIsRefusedIsThereFromTheStart() {
    try (var store = TestStores.open(data)) {
      var _ = new AgentMetrics(registry, store, () -> 0);
      for (String reason :
          List.of(
              "CDT-301", "CDT-312", "CDT-325", "CDT-329", "CDT-339", "CDT-340", "CDT-341",
              "CDT-342", "CDT-343", "CDT-344", "CDT-345", "CDT-380", "CDT-381")) {
        assertThat(
                registry
                    .get("concordat.agent.rows")
                    .tags("outcome", "refused", "reason", reason)
                    .functionCounter()
                    .count())
            .as(reason)
            .isZero();
      }
    }
  }

  @Test
  void whatCanComeOfAlertsIsThereFromTheStart() {
    try (var store = TestStores.open(data)) {
      var metrics = new AgentMetrics(registry, store, () -> 0);
      metrics.expect(List.of("agg-1", "agg-2"), 40);
      metrics.expect(List.of("large"));
      for (String code :
          List.of(
              "CDT-701", "CDT-702", "CDT-703", "CDT-704", "CDT-705", "CDT-706", "CDT-707",
              "CDT-708", "CDT-709", "CDT-710")) {
        assertThat(counted("alert.incidents", "code", code)).as(code).isZero();
      }
      assertThat(counted("held.notices", "aggregator", "agg-2")).isZero();
      assertThat(counted("alerts.delivered", "rule", "large")).isZero();
      assertThat(registry.get("concordat.agent.alerts.unverified").counter().count()).isZero();
    }
  }

  @Test
  void refusedRowsThatThereIsNoRoomForAreCounted() {
    try (var store = TestStores.open(data)) {
      var _ = new AgentMetrics(registry, store, () -> 0);
      var dropped = registry.get("concordat.agent.dead.letters.dropped").functionCounter();
      var fill = registry.get("concordat.agent.dead.letters.fill.ratio").gauge();
      assertThat(dropped.count()).isZero();
      assertThat(fill.value()).isZero();
      int rows = 20;
      for (int line = 1; line <= rows; line++) {
        store.commit(new StoreGroup().deadLetter(longLetter(line)));
      }
      assertThat(dropped.count()).isPositive().isEqualTo(rows - store.deadLetterCount());
      assertThat(fill.value()).as("so whoever lost some is near the limit").isBetween(0.9, 1.0);
    }
  }

  private static DeadLetter longLetter(int line) {
    return new DeadLetter(
        new Place("a.csv", line, 0),
        Code.CDT_303,
        "The row has 2 columns, the header 3.",
        Code.CDT_303.fix(),
        new byte[DeadLetter.RAW_BYTES_MAX],
        0);
  }

  private double counted(String name, String label, String value) {
    return registry.get("concordat.agent." + name).tag(label, value).counter().count();
  }
}
