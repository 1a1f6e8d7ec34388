package org.concordat.aggregator.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HttpEndpointsTest {
  private static final String HOST = "127.0.0.1";

  private static HttpEndpoints begin(int port) {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    return HttpEndpoints.begin(HOST, port, registry, List::of, List::of);
  }

  @Test
  void whoAwaitsThemGetsThePortAtWhichTheyAreServed() throws Exception {
    try (var endpoints = begin(0)) {
      int port = endpoints.awaitPort();
      assertThat(endpoints.awaitPort()).isEqualTo(port);
      new Socket(HOST, port).close();
    }
  }

  @Test
  void whereAnotherHasThePortWhoAwaitsThemIsToldAndNothingIsLeftToClose() throws Exception {
    try (var first = begin(0)) {
      var second = begin(first.awaitPort());
      assertThatThrownBy(second::awaitPort)
          .isInstanceOf(IOException.class)
          .hasMessage("The HTTP server did not start.")
          .hasRootCauseInstanceOf(BindException.class);
      second.close();
    }
  }
}
