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

  @Test
  void eachReasonIsThereFromTheStart() {
    metrics.expect(List.of("bank-a"), List.of("large"));
    allAreZero(
        "alarms",
        "code",
        List.of(
            "CDT-252", "CDT-511", "CDT-602", "CDT-603", "CDT-604", "CDT-605", "CDT-606", "CDT-607",
            "CDT-608", "CDT-609", "CDT-610", "CDT-614"));
    allAreZero("records", "reason", List.of("none", "session", "CDT-401", "CDT-415", "CDT-428"));
    allAreZero(
        "records", "outcome", List.of("accepted", "duplicate", "waiting", "earlier", "refused"));
    allAreZero(
        "blocks.skipped",
        "reason",
        List.of("CDT-401", "CDT-409", "CDT-412", "CDT-415", "CDT-601", "CDT-602", "unknown"));
    allAreZero("batches", "outcome", List.of("committed", "abandoned"));
  }

  private void allAreZero(String name, String label, List<String> values) {
    for (String value : values) {
      assertThat(counted(name, label, value)).as("%s %s", name, value).isZero();
    }
  }

  private double counted(String name, String label, String value) {
    return registry.get("concordat.aggregator." + name).tag(label, value).counter().count();
  }

  @Test
  void aReasonThatAPartyMadeUpBecomesNoLabel() {
    metrics.expect(List.of("bank-a"), List.of("large"));
    metrics.blocksSkipped("bank-a", "CDT-409");
    metrics.blocksSkipped("bank-a", "x");
    assertThat(counted("blocks.skipped", "reason", "CDT-409")).isEqualTo(1);
    assertThat(counted("blocks.skipped", "reason", "unknown")).isEqualTo(1);
    assertThat(registry.find("concordat.aggregator.blocks.skipped").tag("reason", "x").counter())
        .isNull();
  }
}
