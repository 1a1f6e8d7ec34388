package org.concordat.ops.broker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.concordat.aggregator.metrics.HttpEndpoints;
import org.concordat.schemas.metrics.ProcessMeters;

/**
 * What a broker's process exports: the meters of any process, how long its certificate is valid
 * yet, and its bound as one more disk, which so is watched by the alert rule of disks.
 */
public final class BrokerMetrics {
  private BrokerMetrics() {}

  /**
   * Begins to serve them as {@code /metrics}, with {@code /health} and {@code /ready}.
   *
   * @param certificatePem the chain that the broker shows
   */
  public static HttpEndpoints begin(BrokerConfig config, String certificatePem) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().commonTags("broker", Integer.toString(config.cluster().node()));
    // Until the process ends.
    ProcessMeters meters = ProcessMeters.bind(registry, config.data());
    meters.certificateChain("kafka", () -> certificatePem);
    if (config.diskBytesMax() != 0) {
      addBound(registry, config.data(), config.diskBytesMax());
    }
    return HttpEndpoints.begin(
        config.http().host(), config.http().port(), registry, List::of, List::of);
  }

  private static void addBound(MeterRegistry registry, Path data, long bytesMax) {
    String path = data.toAbsolutePath() + ", limits.diskBytesMax";
    Supplier<Number> free = () -> Math.max(0, bytesMax - BrokerFiles.bytes(data));
    Gauge.builder("disk.free", free)
        .description("Usable space for path")
        .baseUnit("bytes")
        .tag("path", path)
        .register(registry);
    Supplier<Number> total = () -> bytesMax;
    Gauge.builder("disk.total", total)
        .description("Total space for path")
        .baseUnit("bytes")
        .tag("path", path)
        .register(registry);
  }
}
