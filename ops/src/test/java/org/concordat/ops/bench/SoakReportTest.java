package org.concordat.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.concordat.ops.bench.SoakReport.Backlog;
import org.junit.jupiter.api.Test;

class SoakReportTest {
  private static final SoakOptions OPTIONS =
      new SoakOptions(Path.of("bench"), 1_000, 5, 120, 5_000, 5, 60, Optional.empty());
  private static final int SAMPLES = 400;

  private static SoakReport report(IntToDoubleFunction lag, IntToDoubleFunction mebibytes) {
    List<SoakSample> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      long bytes = (long) (mebibytes.applyAsDouble(i) * (1 << 20));
      // Garbage comes and goes: every eighth look is just after a collection.
      long garbage = (i % 8) * (40L << 20);
      samples.add(
          new SoakSample(
              5 * i,
              5_000L * i,
              5_000L * i,
              lag.applyAsDouble(i),
              3,
              Map.of("agg-1", bytes + (400L << 20), "broker", 300L << 20),
              Map.of("agg-1", bytes + garbage)));
    }
    return new SoakReport(
        OPTIONS,
        samples,
        samples,
        Optional.of(new Backlog(1_200_000, 400, 4_000, true)),
        0,
        NullNode.getInstance(),
        true);
  }

  @Test
  void whatOnlyCollectsGarbageIsFlat() {
    SoakReport report = report(i -> 2 + i % 3, i -> 100);
    assertThat(report.holds()).isTrue();
    assertThat(report.perSecond()).isEqualTo(1_000);
    assertThat(report.heap().get("agg-1").last()).isEqualTo(100);
    assertThat(report.backlog().orElseThrow().neededSeconds(1_000)).isEqualTo(400);
  }

  @Test
  void aLeakIsSeenThroughTheGarbage() {
    SoakReport report = report(i -> 2, i -> 100 + 0.3 * i);
    assertThat(report.flatMemory()).isFalse();
    assertThat(report.flatLag()).isTrue();
    assertThat(report.holds()).isFalse();
  }

  @Test
  void aLagThatGrowsIsSeen() {
    SoakReport report = report(i -> 2 + 0.02 * i, i -> 100);
    assertThat(report.flatLag()).isFalse();
    assertThat(report.holds()).isFalse();
  }

  @Test
  void aBacklogThatOutlastsItsTimeIsSeen() {
    assertThat(new Backlog(1_200_000, 400, 4_000, true).isGoneInTime(1_000)).isTrue();
    assertThat(new Backlog(1_200_000, 400, 4_000, false).isGoneInTime(1_000)).isFalse();
    assertThat(new Backlog(1_200_000, 631, 4_000, true).isGoneInTime(1_000)).isFalse();
  }

  @Test
  void thePageHasEveryProcessAndTheFigures() throws Exception {
    SoakReport report = report(i -> 2, i -> 100);
    String summary = new ObjectMapper().writeValueAsString(report.summary());
    assertThat(SoakPage.html(report, summary))
        .contains("agg-1", "broker", "It holds.", "\"backlogSeconds\":400.0")
        .doesNotContain("NaN", "http-equiv", "src=");
  }
}
