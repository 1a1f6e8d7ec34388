package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.concordat.ops.demo.Metrics;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a broker's process exports, without a broker. */
@Timeout(60)
class BrokerMetricsTest {
  private static final Duration VALIDITY = Duration.ofDays(20);
  private static final String REMAINING = "concordat_certificate_remaining_seconds";

  @TempDir private Path folder;

  private final Certificates authority = Certificates.createAuthority("ca", Duration.ofDays(365));

  private Issued put(Duration validity) throws IOException {
    Issued issued = authority.issue(EmbeddedBroker.NAME, validity);
    Files.writeString(folder.resolve("tls.crt"), issued.certificatePem());
    Path key = folder.resolve("tls.key");
    Files.deleteIfExists(key);
    KeyFiles.writePrivate(key, issued.keyPem().getBytes(StandardCharsets.US_ASCII));
    return issued;
  }

  /** Served at any free port. */
  private BrokerConfig config() throws IOException {
    Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    Path file =
        Files.writeString(
            folder.resolve("broker.yaml"),
            """
            port: 9093
            controllerPort: 9094
            clusterId: any
            charter: charter.yaml
            data: .
            kafka:
              bootstrap: localhost:9093
              certificate: tls.crt
              key: tls.key
              authority: ca.crt
            """);
    var problems = new Problems();
    BrokerConfig config = BrokerConfig.read(file, problems);
    problems.throwIfAny();
    return config;
  }

  /** A first page takes longer than a scrape waits where a machine is busy. */
  private static Metrics scraped(int port) {
    return await().until(() -> Metrics.scrape(port), Optional::isPresent).orElseThrow();
  }

  @Test
  void theyTellHowLongTheCertificateIsValidThatTheBrokerShows() throws Exception {
    Issued shown = put(VALIDITY);
    BrokerConfig config = config();
    try (var serving = BrokerMetrics.begin(config, shown.certificatePem())) {
      int port = serving.awaitPort();
      // As its operator replaces it: the broker shows the first one all the same.
      put(VALIDITY.multipliedBy(2));
      Metrics metrics = scraped(port);
      assertThat(metrics.sum(REMAINING, "use=\"kafka\"", "broker=\"1\""))
          .isBetween((double) VALIDITY.minusMinutes(5).toSeconds(), (double) VALIDITY.toSeconds());
    }
  }

  /** A broker that clients reach by SASL alone. */
  @Test
  void withoutACertificateNoneExpires() throws Exception {
    put(VALIDITY);
    try (var serving = BrokerMetrics.begin(config(), "")) {
      Metrics metrics = scraped(serving.awaitPort());
      assertThat(metrics.sum("disk_total_bytes")).isPositive();
      assertThat(metrics.sum(REMAINING)).isZero();
    }
  }
}
