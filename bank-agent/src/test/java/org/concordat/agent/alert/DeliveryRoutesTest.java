package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.OpenApiDocument;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.rest.Exchanges;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryRoutesTest {
  private static final String PATH = "/v1/deliveries";

  @TempDir Path folder;

  private final String analyst = Tokens.generate(new SecureRandom());
  private final String ingest = Tokens.generate(new SecureRandom());

  private static HttpResponse<String> get(ApiServer api, String path, String token)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
            .header("Authorization", "Bearer " + token)
            .build();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void everyTryIsShown() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("tokens.yaml"),
            "format: 1\ntokens:\n"
                + Tokens.entry("ana", EnumSet.of(Role.ANALYST), analyst)
                + Tokens.entry("core", EnumSet.of(Role.INGEST), ingest));
    Tokens tokens = Tokens.read(file, new Problems());
    var section = new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), file);
    var bad = new TestSink();
    bad.refusals = 1;
    try (AgentStore store = TestStores.open(folder.resolve("data"));
        ApiServer api = new ApiServer(section, tokens)) {
      Map<String, AlertSink> named = Map.of("file", new TestSink(), "webhook", bad);
      AlertSinks sinks = TestSink.sinks(named, store.desk(), 10);
      TestSink.add(sinks, store.desk(), AlertSinksTest.alert("aa"));
      TestSink.deliverAll(sinks);
      OpenApiDocument.addTo(api);
      new DeliveryRoutes(sinks).addTo(api);
      api.start(folder.resolve("data"));
      var exchanges = new Exchanges(get(api, "/v1/openapi.yaml", analyst).body());
      for (String[] each :
          new String[][] {
            {"", "200", "3"},
            {"?limit=2", "200", "2"},
            {"?sink=webhook", "200", "2"},
            {"?after=2", "200", "0"},
            {"?limit=501", "400", "0"},
            {"?after=x", "400", "0"}
          }) {
        HttpResponse<String> response = get(api, PATH + each[0], analyst);
        exchanges.assertResponse("GET " + PATH, response);
        assertThat(response.statusCode()).as(each[0]).isEqualTo(Integer.parseInt(each[1]));
        JsonNode json = new ObjectMapper().readTree(response.body());
        assertThat(json.path("deliveries")).as(each[0]).hasSize(Integer.parseInt(each[2]));
      }
      HttpResponse<String> refused = get(api, PATH, ingest);
      exchanges.assertResponse("GET " + PATH, refused);
      assertThat(refused.statusCode()).isEqualTo(403);
    }
  }
}
