package org.concordat.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.iso.TestMessages;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every answer is held against the OpenAPI document that the same server serves. */
@Timeout(120)
class MessageRoutesTest {
  private static final String XML = "application/xml";

  @TempDir Path folder;

  private RestAgent agent;
  private Exchanges exchanges;

  @BeforeEach
  void start() throws Exception {
    agent = new RestAgent(folder).storing();
    exchanges = new Exchanges(agent.send(agent.request("/v1/openapi.yaml").GET().build()).body());
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private HttpResponse<String> post(String type, String body, Map<String, String> headers)
      throws Exception {
    var response = agent.send(agent.post("/v1/messages", type, body, headers));
    exchanges.assertResponse("POST /v1/messages", response);
    return response;
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return new ObjectMapper().readTree(response.body());
  }

  private List<JournalRow> rows() {
    var rows = new ArrayList<JournalRow>();
    try (var reader = JournalReader.open(folder.resolve("data"), TestStores.box(1))) {
      reader.blocks(block -> rows.addAll(block.rows()));
    }
    return rows;
  }

  private static String message(String amount) {
    return TestMessages.of(
        List.of(
            TestMessages.transaction("a", amount, "EUR"),
            TestMessages.transaction("b", "7.505", "EUR"),
            TestMessages.transaction("c", "7", "EUR")));
  }

  @Test
  void aMessageIsAnsweredTransactionByTransaction() throws Exception {
    JsonNode answer = json(post(XML, message("1.50"), Map.of()));
    assertThat(answer.get("accepted").asInt()).isEqualTo(2);
    assertThat(answer.get("refused").asInt()).isEqualTo(1);
    JsonNode error = answer.get("items").get(1).get("errors").get(0);
    assertThat(error.get("pointer").asText()).isEqualTo("/1");
    assertThat(error.get("code").asText()).isEqualTo("CDT-334");
    assertThat(error.get("reason").asText()).startsWith("Transaction 2: ").contains("Line ");
    assertThat(rows().stream().map(JournalRow::reference))
        .containsExactly("DEUTDEFFXXX/M/a", "DEUTDEFFXXX/M/c");
    assertThat(rows().getFirst().fields()[0]).as("cents").isEqualTo(150);
    assertThat(rows().getFirst().eventMillis()).isEqualTo(1_772_446_500_000L);
    JsonNode again = json(post(XML, message("1.5"), Map.of()));
    assertThat(again.get("duplicates").asInt()).isEqualTo(2);
    JsonNode changed = json(post(XML, message("2"), Map.of()));
    assertThat(changed.get("accepted").asInt()).as("a new version").isEqualTo(1);
    assertThat(changed.get("duplicates").asInt()).isEqualTo(1);
    assertThat(agent.messages)
        .containsExactly(Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Test
  void anInvalidMessageIsRefusedWhole() throws Exception {
    HttpResponse<String> response =
        post(XML, message("1").replace("<Nm>B</Nm></Cdtr></Cdt", "</Cdtr><x/></Cdt"), Map.of());
    assertThat(response.statusCode()).isEqualTo(400);
    JsonNode error = json(response).get("errors").get(0);
    assertThat(error.get("code").asText()).isEqualTo("CDT-333");
    assertThat(error.get("reason").asText()).startsWith("Transaction 1: At ").contains("Line ");
    assertThat(post(XML, "<a>", Map.of()).statusCode()).isEqualTo(400);
    assertThat(post(XML, "", Map.of()).statusCode()).isEqualTo(400);
    assertThat(post("text/xml", message("1"), Map.of()).statusCode()).isEqualTo(415);
    assertThat(rows()).isEmpty();
    assertThat(agent.messages)
        .containsExactly(
            Optional.of(Code.CDT_333), Optional.of(Code.CDT_330), Optional.of(Code.CDT_330));
  }

  /** A gap moves a time forward by its length, in an overlap the first of the two times counts. */
  @Test
  void aLocalTimeIsTakenInTheMappingsZone() throws Exception {
    long[] millis = new long[4];
    String[] times = {
      "2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-07-01T12:00:00", "2026-07-01T12:00:00Z"
    };
    for (int i = 0; i < times.length; i++) {
      String message =
          TestMessages.of(List.of(TestMessages.transaction("t" + i, "1", "EUR")))
              .replace("2026-03-02T10:15:00Z", times[i]);
      assertThat(post(XML, message, Map.of()).statusCode()).isEqualTo(202);
      millis[i] = rows().getLast().eventMillis();
    }
    assertThat(java.util.Arrays.stream(millis).mapToObj(java.time.Instant::ofEpochMilli))
        .map(java.time.Instant::toString)
        .containsExactly(
            "2026-03-29T01:30:00Z",
            "2026-10-25T00:30:00Z",
            "2026-07-01T10:00:00Z",
            "2026-07-01T12:00:00Z");
  }

  @Test
  void aFaultEndsItsRequestAlone() throws Exception {
    agent.failing.set(true);
    Map<String, String> key = Map.of("Idempotency-Key", "k");
    // More of them than there are threads.
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> failed = post(XML, message("1"), key);
      assertThat(failed.statusCode()).isEqualTo(500);
      assertThat(json(failed).get("code").asText()).isEqualTo("CDT-379");
    }
    agent.failing.set(false);
    assertThat(post(XML, message("1"), key).statusCode()).isEqualTo(202);
  }

  @Test
  void theSameKeyGetsTheSameAnswer() throws Exception {
    Map<String, String> key = Map.of("Idempotency-Key", "k");
    String first = post(XML, message("1"), key).body();
    assertThat(post(XML, message("1"), key).body()).isEqualTo(first).contains("accepted\":2");
    assertThat(post(XML, message("2"), key).statusCode()).isEqualTo(422);
  }
}
