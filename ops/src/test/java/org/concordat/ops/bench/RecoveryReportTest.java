package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** When scoring went on in time. */
class RecoveryReportTest {
  private static final int KILLS = 20;
  private static final int FAST_MILLIS = 4_000;
  private static final int SLOW_MILLIS = 12_000;
  private static final RecoveryOptions OPTIONS =
      new RecoveryOptions(Path.of("bench"), 1, false, 100, KILLS, 0, 60, 15, 10, 1_024);

  /** Of each kind so many of its kills were slow. */
  private static RecoveryReport report(Map<String, Integer> slow, boolean alertsHold) {
    Map<String, Histogram> recovered = new LinkedHashMap<>();
    for (String kind : List.of("agent", "aggregator", "broker")) {
      int many = slow.getOrDefault(kind, 0);
      var of = new Histogram(RecoveryReport.DIGITS);
      Collections.nCopies(many, SLOW_MILLIS).forEach(of::recordValue);
      Collections.nCopies(KILLS - many, FAST_MILLIS).forEach(of::recordValue);
      recovered.put(kind, of);
    }
    return new RecoveryReport(
        OPTIONS, recovered, new FinalCheck(NullNode.getInstance(), alertsHold));
  }

  @Test
  void ofEachKindOneOfTwentyMayBeSlow() {
    assertThat(report(Map.of(), true).holds()).isTrue();
    assertThat(report(Map.of("agent", 1, "aggregator", 1, "broker", 1), true).holds()).isTrue();
    assertThat(report(Map.of(), false).holds()).isFalse();
  }

  /** Two of sixty: together the kinds would be fast enough. */
  @Test
  void aSlowKindIsNotMadeUpForByFastOnes() throws Exception {
    for (String kind : List.of("agent", "aggregator", "broker")) {
      RecoveryReport report = report(Map.of(kind, 2), true);
      assertThat(report.inTime()).as(kind).isFalse();
      assertThat(report.holds()).as(kind).isFalse();
      var json = new ObjectMapper().valueToTree(report.summary());
      assertThat(json.path("all").path("kills").asInt()).isEqualTo(3 * KILLS);
      assertThat(json.path("all").path("p95Seconds").asDouble()).isLessThan(10);
      assertThat(json.path(kind).path("p95Seconds").asDouble()).isGreaterThan(10);
    }
  }
}
