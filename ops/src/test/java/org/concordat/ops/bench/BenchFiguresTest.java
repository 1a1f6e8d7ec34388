package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.concordat.ops.check.CommittedCuts.Commit;
import org.concordat.rules.language.Rule;
import org.junit.jupiter.api.Test;

/** What the benchmark makes of what it saw. */
class BenchFiguresTest {
  private static final Window WINDOW = new Window(10_000, 20_000);

  @Test
  void throughputIsCountedFromCommitToCommit() {
    List<Commit> commits =
        List.of(
            new Commit("a", 9_999, 7_000),
            new Commit("b", 11_000, 5_000),
            new Commit("c", 15_000, 6_000),
            new Commit("d", 21_000, 4_000),
            new Commit("e", 22_000, 9_000));
    assertThat(Throughput.perSecond(commits, WINDOW)).isEqualTo(1_000);
  }

  @Test
  void throughputOfAWindowWithoutACommitIsThatAroundIt() {
    List<Commit> commits = List.of(new Commit("a", 20_500, 900), new Commit("b", 22_500, 600));
    assertThat(Throughput.perSecond(commits, WINDOW)).isEqualTo(300);
  }

  @Test
  void throughputNeedsACommitAfterTheWindow() {
    List<Commit> commits = List.of(new Commit("a", 11_000, 9), new Commit("b", 19_000, 9));
    assertThatThrownBy(() -> Throughput.perSecond(commits, WINDOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void latencyCountsFromWhenARowWasDueInTheWindow() {
    var latencies = new Latencies();
    latencies.add(WINDOW, 9_999, 90_000, 90_000);
    latencies.add(WINDOW, 20_000, 90_000, 90_000);
    assertThat(latencies.alerts()).isZero();
    assertThat(latencies.deliveredMillis(50)).isEmpty();
    assertThat(latencies.describeDelivered()).isEqualTo("none");
    for (int i = 1; i <= 100; i++) {
      latencies.add(WINDOW, 10_000, 10_000 + i, 10_000 + 2 * i);
    }
    assertThat(latencies.alerts()).isEqualTo(100);
    assertThat(latencies.deliveredMillis(50)).hasValue(100);
    assertThat(latencies.deliveredMillis(99)).hasValue(198);
    assertThat(latencies.describeCommitted()).isEqualTo("p50 50, p90 90, p99 99, max 100 ms");
  }

  @Test
  void theLastLineHasTheFiveFiguresInTheirOrder() throws Exception {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      String line = result().json();
      assertThat(line)
          .isEqualTo(
              "{\"perSecond\":2500.0,\"plaintextPerSecond\":50000.0,\"priceOfPrivacy\":20.00,"
                  + "\"p50Millis\":100,\"p99Millis\":198}");
      JsonNode json = new ObjectMapper().readTree(line);
      assertThat(json.fieldNames())
          .toIterable()
          .containsExactly(
              "perSecond", "plaintextPerSecond", "priceOfPrivacy", "p50Millis", "p99Millis");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void withoutAnAlertThereIsNoLatency() {
    var none = new Latencies();
    List<Phase> phases =
        List.of(phase(2_500, none), phase(1_250, none), phase(50_000, none), phase(1_250, none));
    assertThat(BenchResult.sharesJson(phases))
        .isEqualTo("{\"perSecond\":2500.0,\"p50Millis\":null,\"p99Millis\":null}");
    assertThat(BenchResult.of(phases).json())
        .endsWith("\"priceOfPrivacy\":20.00,\"p50Millis\":null,\"p99Millis\":null}");
    assertThat(BenchResult.of(phases).sentence())
        .endsWith("is 20.00. No row that was due in the window was flagged.");
    assertThat(result().sentence())
        .endsWith("is 20.00. Alerts after 100 ms (median) and 198 ms (99 %).");
  }

  /** It carries when that payment was accepted, long before it was part of anything. */
  @Test
  void anEarlierPaymentsAlertIsTold() throws Exception {
    var json = new ObjectMapper();
    String alert = "{\"reasons\":[{\"code\":\"%s\"},{\"code\":\"r1\"}]}";
    assertThat(SharesRun.isEarlier(json.readTree(alert.formatted(Rule.EARLIER)))).isTrue();
    assertThat(SharesRun.isEarlier(json.readTree(alert.formatted("r2")))).isFalse();
    assertThat(SharesRun.isEarlier(json.readTree("{\"reasons\":[]}"))).isFalse();
  }

  private static BenchResult result() {
    var latencies = new Latencies();
    for (int i = 1; i <= 100; i++) {
      latencies.add(WINDOW, 10_000, 10_000 + i, 10_000 + 2 * i);
    }
    var none = new Latencies();
    return BenchResult.of(
        List.of(
            phase(2_500, none), phase(1_250, latencies), phase(50_000, none), phase(1_250, none)));
  }

  private static Phase phase(double perSecond, Latencies latencies) {
    return new Phase("", 0, WINDOW, perSecond, latencies, Map.of("agg-1", 5.0), Map.of(), Map.of());
  }

  @Test
  void cpuTimeIsToldForAThousandRows() {
    assertThat(phase(2_500, new Latencies()).cpuSecondsPerThousand()).isEqualTo(0.2);
  }
}
