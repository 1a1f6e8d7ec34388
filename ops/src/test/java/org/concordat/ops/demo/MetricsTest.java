package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Metrics METRICS =
      Metrics.parse(
          """
          # HELP rows_total Rows.
          # TYPE rows_total counter
          rows_total{bank="a b",result="ok"} 3
          rows_total{bank="c",result="ok"} 4.5
          rows_total{bank="c",result="late"} 1e2
          rows_total_other 1000
          up 1

          """);

  @Test
  void samplesOfOneNameAddUp() {
    assertThat(METRICS.sum("rows_total")).isEqualTo(107.5);
    assertThat(METRICS.sum("up")).isEqualTo(1);
  }

  @Test
  void labelsNarrowTheSum() {
    assertThat(METRICS.sum("rows_total", "result=\"ok\"")).isEqualTo(7.5);
    assertThat(METRICS.sum("rows_total", "result=\"ok\"", "bank=\"c\"")).isEqualTo(4.5);
    assertThat(METRICS.sum("rows_total", "bank=\"a b\"")).isEqualTo(3);
  }

  @Test
  void whatIsNotThereIsZero() {
    assertThat(METRICS.sum("rows")).isZero();
    assertThat(METRICS.sum("rows_total", "bank=\"x\"")).isZero();
    assertThat(Metrics.parse("").sum("up")).isZero();
  }
}
