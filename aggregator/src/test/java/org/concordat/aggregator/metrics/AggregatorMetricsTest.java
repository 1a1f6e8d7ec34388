package org.concordat.aggregator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AggregatorMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AggregatorMetrics metrics = new AggregatorMetrics(registry, "test");

  @Test
  void whatIsCountedElsewhereIsNotForgotten() {
    var number = new AtomicLong(1);
    WeakReference<Supplier<Number>> counted = count(number);
    System.gc();
    assertThat(counted.get()).isNotNull();
    number.set(7);
    assertThat(registry.get("concordat.aggregator.elsewhere").functionCounter().count())
        .isEqualTo(7);
    metrics.batch("committed");
  }

  /** So that no frame of the test holds the supplier. */
  private WeakReference<Supplier<Number>> count(AtomicLong number) {
    Supplier<Number> value = number::get;
    metrics.count("elsewhere", "", Tags.empty(), value);
    return new WeakReference<>(value);
  }

  @Test
  void whatCanHappenIsThereFromTheStart() {
    metrics.expect(List.of("bank-a"), List.of("large"));
    for (String name :
        List.of("records", "rows.scored", "rows.held", "blocks.skipped", "flags", "alarms")) {
      assertThat(registry.get("concordat.aggregator." + name).counter().count()).isZero();
    }
    assertThat(registry.find("concordat.aggregator.flags").tag("bank", "bank-a").counter())
        .as("flags of one bank are that bank's to show")
        .isNull();
  }
}
