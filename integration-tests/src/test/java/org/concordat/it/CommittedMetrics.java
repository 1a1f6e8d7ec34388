package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.reference.MetricsPage;

/** The committed page of metrics. What a process exports doesn't depend on what it has met. */
final class CommittedMetrics {
  private CommittedMetrics() {}

  /** Holds the page against what the first bank's agent and agg-1 export now. */
  static void areExportedBy(Consortium consortium) throws IOException, InterruptedException {
    String page =
        MetricsPage.render(
            scrape(consortium.agentPort(consortium.banks().getFirst())),
            scrape(consortium.aggregatorPort("agg-1")));
    Path made = Path.of("target/metrics.md");
    Files.writeString(made, page);
    Path committed = Path.of(System.getProperty("concordat.home"), "ops/docs/metrics.md");
    assertThat(Files.readString(committed))
        .as("ops/docs/metrics.md is renewed by copying %s there", made.toAbsolutePath())
        .isEqualTo(page);
  }

  private static String scrape(int port) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
