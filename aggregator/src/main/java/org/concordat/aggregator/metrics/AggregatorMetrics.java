package org.concordat.aggregator.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/** The aggregator's meters. Labels hold names and codes, never a value of a row. */
public final class AggregatorMetrics {
  private final MeterRegistry registry;
  private final Tags mode;

  public AggregatorMetrics(MeterRegistry registry, String mode) {
    this.registry = registry;
    this.mode = Tags.of("mode", mode);
  }

  /**
   * A record that was read.
   *
   * @param outcome accepted, duplicate, waiting or refused
   * @param reason a code for a refusal, else {@code none}
   */
  public void record(String outcome, String reason, String bank) {
    registry
        .counter(
            "concordat.aggregator.records",
            mode.and("outcome", outcome, "reason", reason, "bank", bank))
        .increment();
  }

  public void rowsScored(String bank, int rows) {
    registry.counter("concordat.aggregator.rows.scored", mode.and("bank", bank)).increment(rows);
  }

  public void blockSkipped(String bank, String reason) {
    registry
        .counter("concordat.aggregator.blocks.skipped", mode.and("bank", bank, "reason", reason))
        .increment();
  }

  public void flags(String rule, int flags) {
    registry.counter("concordat.aggregator.flags", mode.and("rule", rule)).increment(flags);
  }

  /**
   * @param outcome committed or abandoned
   */
  public void batch(String outcome) {
    registry.counter("concordat.aggregator.batches", mode.and("outcome", outcome)).increment();
  }

  public void alarm(String code) {
    registry.counter("concordat.aggregator.alarms", mode.and("code", code)).increment();
  }

  /**
   * How long a stage of a batch took.
   *
   * @param stage compute, vote or commit
   */
  public void stage(String stage, Duration time) {
    Timer.builder("concordat.aggregator.batch.stage")
        .tags(mode.and("stage", stage))
        .publishPercentiles(0.5, 0.99)
        .register(registry)
        .record(time);
  }

  public void gauge(String name, Tags tags, Supplier<Number> value) {
    Gauge.builder("concordat.aggregator." + name, value).tags(mode.and(tags)).register(registry);
  }
}
