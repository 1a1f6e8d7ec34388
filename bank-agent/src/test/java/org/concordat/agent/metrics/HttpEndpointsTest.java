package org.concordat.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpEndpointsTest {
  @TempDir Path data;

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    String port = Files.readString(data.resolve("http.port")).strip();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void servesHealthReadinessAndMetrics() throws IOException, InterruptedException {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var reasons = new AtomicReference<List<Readiness.Reason>>(List.of());
    var readiness = new Readiness();
    readiness.add(reasons::get);
    try (var store = TestStores.open(data);
        var endpoints = HttpEndpoints.start("127.0.0.1", 0, data, registry, readiness)) {
      assertThat(endpoints.port()).isPositive();
      var metrics = new AgentMetrics(registry, store, () -> 61_000);
      assertThat(get("/health").statusCode()).isEqualTo(200);
      assertThat(get("/ready").statusCode()).isEqualTo(200);
      reasons.set(List.of(new Readiness.Reason(Code.CDT_357, Code.CDT_357.cause(), "agg-2")));
      var unready = get("/ready");
      assertThat(unready.statusCode()).isEqualTo(503);
      assertThat(unready.body()).contains("\"ready\":false", "CDT-357", "agg-2");

      store.commit(
          TestStores.spool(new StoreGroup(), new BlockPosition(0, 0), TestStores.row(1, 1_000))
              .count(Tally.of(Tally.Outcome.ACCEPTED), 1)
              .count(new Tally(Tally.Outcome.REFUSED, "CDT-303"), 4));
      metrics.counted();
      metrics.published(2);
      metrics.sourceFinished();
      assertThat(get("/metrics").body())
          .contains("concordat_agent_rows_total{outcome=\"accepted\",reason=\"none\"} 1.0")
          .contains("concordat_agent_rows_total{outcome=\"refused\",reason=\"CDT-303\"} 4.0")
          .contains("concordat_agent_rows_scored_total 0.0")
          .contains("concordat_agent_blocks_published_total 2.0")
          .contains("concordat_agent_oldest_unscored_seconds 60.0")
          .contains("concordat_agent_source_finished 1.0")
          .containsPattern("concordat_agent_spool_bytes [1-9]")
          .containsPattern("concordat_agent_spool_blocks_max [1-9]")
          .containsPattern("concordat_agent_spool_fill_ratio [1-9]");
    }
  }
}
