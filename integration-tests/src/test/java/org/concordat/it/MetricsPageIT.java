package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.reference.MetricsPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed page of metrics is what real processes export. */
class MetricsPageIT {
  private static final Duration UP = Duration.ofSeconds(120);

  @TempDir private Path temp;

  @Test
  void thePageSaysWhatProcessesExport() throws Exception {
    // Nobody reaches a broker: what a process exports doesn't depend on what it has met.
    try (Consortium consortium = Runs.simulated(temp.resolve("page"), 1, 100, 0)) {
      Path config = consortium.folder().resolve("agg-1/aggregator.yaml");
      consortium.start("agg-1", 1_024, List.of("aggregator", "--config", config.toString()));
      consortium.startAgents();
      Awaitility.await().atMost(UP).until(() -> up(consortium));
      assertIsThePage(consortium);
    }
  }

  private static boolean up(Consortium consortium) {
    consortium.requireAlive();
    return consortium.agentMetrics("bank-a").isPresent()
        && consortium.aggregatorMetrics("agg-1").isPresent();
  }

  /** Holds the committed page against what the first bank's agent and agg-1 export now. */
  static void assertIsThePage(Consortium consortium) throws IOException, InterruptedException {
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
