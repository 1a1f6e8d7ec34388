package org.concordat.schemas.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;
import org.concordat.schemas.clock.SteadyClock;

/** The meters of a process, whatever its role. Closing ends the watch over garbage collection. */
public final class ProcessMeters implements AutoCloseable {
  private final MeterRegistry registry;
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  private ProcessMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds the meters of the JVM and of a file system.
   *
   * @param folder on the file system whose free space matters to the process
   */
  public static ProcessMeters bind(MeterRegistry registry, Path folder) {
    var meters = new ProcessMeters(registry);
    new JvmInfoMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    meters.garbage.bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    Supplier<Number> clock = () -> System.currentTimeMillis() / 1_000.0;
    Gauge.builder("concordat.clock", clock)
        .description(
            "This process's clock, in seconds since 1970: beside the time of the scrape it tells by"
                + " how much it is off.")
        .baseUnit("seconds")
        .register(registry);
    new DiskSpaceMetrics(folder.toAbsolutePath().toFile()).bindTo(registry);
    return meters;
  }

  /** Adds whether the clock is doubted by which the process destroys what is too old. */
  public void clock(SteadyClock clock) {
    Supplier<Number> doubted = () -> clock.read().doubted() ? 1 : 0;
    Gauge.builder("concordat.clock.doubted", doubted)
        .description("1 while this process doubts its clock and destroys nothing by age, else 0.")
        .register(registry);
  }

  /**
   * Adds the time until a chain of certificates isn't valid any more.
   *
   * @param use what the certificate is for: {@code kafka}, {@code ingest}, {@code peer} or {@code
   *     api}
   * @param pem one or more certificates, which may be replaced; none at first, nothing is shown
   */
  public void certificateChain(String use, Supplier<String> pem) {
    if (expiry(pem.get()).isPresent()) {
      certificate(use, () -> expiry(pem.get()).orElse(Instant.EPOCH));
    }
  }

  /** As above, by the end of its validity. */
  public void certificate(String use, Supplier<Instant> end) {
    Supplier<Number> remaining =
        () -> Duration.between(Instant.now(), end.get()).toMillis() / 1_000.0;
    Gauge.builder("concordat.certificate.remaining", remaining)
        .description("Time until this process's own certificate expires; negative afterwards.")
        .baseUnit("seconds")
        .tags(Tags.of("use", use))
        .register(registry);
  }

  /** When the first of a chain's certificates expires; nothing where there is no certificate. */
  public static Optional<Instant> expiry(String pem) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
          .stream()
          .map(certificate -> ((X509Certificate) certificate).getNotAfter().toInstant())
          .min(Comparator.naturalOrder());
    } catch (CertificateException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    garbage.close();
  }
}
