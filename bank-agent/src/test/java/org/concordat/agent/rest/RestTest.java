package org.concordat.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every answer is held against the OpenAPI document that the same server serves. */
@Timeout(120)
class RestTest {
  private static final String SINGLE = "POST /v1/transactions";
  private static final String BATCH = "POST /v1/transactions:batch";
  private static final String STATUS = "GET /v1/transactions/{ref}";
  private static final String JSON = "application/json";
  private static final String LINES = "application/x-ndjson";
  private static final Map<String, String> NO_HEADERS = Map.of();

  @TempDir Path folder;

  private RestAgent agent;
  private Exchanges exchanges;

  @BeforeEach
  void start() throws Exception {
    agent = new RestAgent(folder).storing();
    HttpResponse<String> document = agent.send(agent.request("/v1/openapi.yaml").GET().build());
    exchanges = new Exchanges(document.body());
    exchanges.assertResponse("GET /v1/openapi.yaml", document);
  }

  @AfterEach
  void stop() throws IOException {
    agent.close();
  }

  private static String row(String id, String amount) {
    return "{\"id\": \"%s\", \"time\": 60, \"amount\": %s, \"count\": 2}".formatted(id, amount);
  }

  private HttpResponse<String> single(String body) throws Exception {
    return single(body, NO_HEADERS);
  }

  private HttpResponse<String> single(String body, Map<String, String> headers) throws Exception {
    var response = agent.send(agent.post("/v1/transactions", JSON, body, headers));
    exchanges.assertResponse(SINGLE, response);
    return response;
  }

  private HttpResponse<String> batch(String type, String body, Map<String, String> headers)
      throws Exception {
    var response = agent.send(agent.post("/v1/transactions:batch", type, body, headers));
    exchanges.assertResponse(BATCH, response);
    return response;
  }

  private JsonNode status(String path) throws Exception {
    var response = agent.send(agent.request("/v1/transactions/" + path).GET().build());
    exchanges.assertResponse(STATUS, response);
    return json(response);
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return new ObjectMapper().readTree(response.body());
  }

  private static String code(HttpResponse<String> response) throws IOException {
    return json(response).get("code").asText();
  }

  private List<String> letters() {
    var letters = new ArrayList<String>();
    try (var reader = JournalReader.open(folder.resolve("data"), TestStores.box(1))) {
      reader.deadLetters(
          letter ->
              letters.add(
                  letter.code().label() + " " + new String(letter.raw(), StandardCharsets.UTF_8)));
    }
    return letters;
  }

  private List<JournalRow> rows() {
    var rows = new ArrayList<JournalRow>();
    try (var reader = JournalReader.open(folder.resolve("data"), TestStores.box(1))) {
      reader.blocks(block -> rows.addAll(block.rows()));
    }
    return rows;
  }

  @Test
  void oneTransactionIsDurableWhenItIsAnswered() throws Exception {
    String body = row("p-1", "12.50");
    assertThat(exchanges.requestFits(SINGLE, JSON, body)).isTrue();
    HttpResponse<String> response = single(body);
    assertThat(response.statusCode()).isEqualTo(202);
    assertThat(json(response).get("status").asText()).isEqualTo("accepted");
    List<JournalRow> rows = rows();
    assertThat(rows).hasSize(1);
    assertThat(rows.getFirst().reference()).isEqualTo("p-1");
    assertThat(rows.getFirst().fields()[0]).as("cents").isEqualTo(1250);
    assertThat(json(response).get("id").asText())
        .isEqualTo(HexFormat.of().formatHex(rows.getFirst().transactionId()));
    HttpResponse<String> again = single(row("p-1", "12.5"));
    assertThat(json(again).get("status").asText()).isEqualTo("duplicate");
    assertThat(json(again).get("id")).isEqualTo(json(response).get("id"));
    HttpResponse<String> other = single(row("p-1", "13"));
    assertThat(json(other).get("status").asText()).isEqualTo("accepted");
    assertThat(json(other).get("id")).isNotEqualTo(json(response).get("id"));
  }

  @Test
  void aRefusedTransactionIsADeadLetterAndIsToldSo() throws Exception {
    String body = row("p-1", "1e9");
    HttpResponse<String> response = single(body);
    assertThat(response.statusCode()).isEqualTo(422);
    JsonNode error = json(response).get("errors").get(0);
    assertThat(error.get("pointer").asText()).isEqualTo("/amount");
    assertThat(letters()).hasSize(1).first().asString().endsWith(body);
    assertThat(status("p-1").get("transactions").get(0).get("status").asText())
        .isEqualTo("refused");
    for (String wrong :
        List.of(
            "{\"id\": \"x\", \"tiem\": 60}",
            "{\"id\": {\"a\": 1}, \"time\": 60}",
            "[1]",
            "{\"id\": null, \"time\": 60, \"amount\": 1, \"count\": 1}")) {
      assertThat(single(wrong).statusCode()).as(wrong).isEqualTo(422);
    }
    assertThat(letters()).hasSize(5);
    assertThat(letters().get(1)).startsWith("CDT-324");
    assertThat(rows()).isEmpty();
  }

  @Test
  void whatIsNotJsonIsRefusedAndNotKept() throws Exception {
    for (String wrong :
        List.of("", "{", "{}}", "{\"id\": 1, \"id\": 2}", "nonsense", "[".repeat(1000))) {
      HttpResponse<String> response = single(wrong);
      assertThat(response.statusCode()).as(wrong).isEqualTo(400);
      assertThat(code(response)).isEqualTo("CDT-367");
      assertThat(batch(JSON, wrong, NO_HEADERS).statusCode()).as(wrong).isEqualTo(400);
    }
    assertThat(batch(JSON, "[]", NO_HEADERS).statusCode()).isEqualTo(400);
    assertThat(batch(JSON, "{}", NO_HEADERS).statusCode()).isEqualTo(400);
    assertThat(batch(LINES, "\n\n", NO_HEADERS).statusCode()).isEqualTo(400);
    assertThat(letters()).isEmpty();
  }

  private HttpResponse<String> bytes(String operation, String type, byte[] body) throws Exception {
    var response =
        agent.send(
            agent
                .request(operation.split(" ")[1])
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    exchanges.assertResponse(operation, response);
    return response;
  }

  @Test
  void anotherEncodingIsRefusedLikeWhatIsNotJson() throws Exception {
    for (String name : List.of("UTF-16", "UTF-16LE", "UTF-32")) {
      byte[] one = row("p-1", "1").getBytes(Charset.forName(name));
      byte[] array = ("[" + row("p-1", "1") + "]").getBytes(Charset.forName(name));
      assertThat(bytes(SINGLE, JSON, one).statusCode()).as(name).isEqualTo(400);
      assertThat(bytes(BATCH, JSON, array).statusCode()).as(name).isEqualTo(400);
      assertThat(json(bytes(BATCH, LINES, one)).get("refused").asInt()).as(name).isEqualTo(1);
    }
    // It looks like UTF-32, and isn't.
    byte[] header = {0, 0, 0, 5, '[', '{', '}', ']'};
    assertThat(bytes(SINGLE, JSON, header).statusCode()).isEqualTo(400);
    assertThat(bytes(BATCH, JSON, header).statusCode()).isEqualTo(400);
    assertThat(json(bytes(BATCH, LINES, header)).get("refused").asInt()).isEqualTo(1);
    assertThat(letters()).hasSize(4).allMatch(letter -> letter.startsWith("CDT-323"));
    assertThat(rows()).isEmpty();
  }

  @Test
  void aByteOrderMarkOfUtf8IsPassedOver() throws Exception {
    assertThat(single("\uFEFF" + row("a", "1")).statusCode()).isEqualTo(202);
    String array = "\uFEFF[%s, %s]".formatted(row("b", "-1"), row("c", "1"));
    assertThat(json(batch(JSON, array, NO_HEADERS)).get("accepted").asInt()).isEqualTo(1);
    assertThat(letters()).containsExactly("CDT-322 " + row("b", "-1"));
    String lines = "\uFEFF" + row("d", "1") + "\n\uFEFF" + row("e", "1");
    assertThat(json(batch(LINES, lines, NO_HEADERS)).get("accepted").asInt()).isEqualTo(2);
  }

  @Test
  void aBatchIsAnsweredItemByItem() throws Exception {
    String body = "[%s, %s, %s, 7]".formatted(row("a", "1"), row("b", "-1"), row("a", "1.0"));
    HttpResponse<String> response = batch(JSON, body, NO_HEADERS);
    assertThat(response.statusCode()).isEqualTo(202);
    JsonNode answer = json(response);
    assertThat(answer.get("accepted").asInt()).isEqualTo(1);
    assertThat(answer.get("duplicates").asInt()).isEqualTo(1);
    assertThat(answer.get("refused").asInt()).isEqualTo(2);
    JsonNode items = answer.get("items");
    assertThat(items.get(0).get("id")).isEqualTo(items.get(2).get("id"));
    assertThat(items.get(1).get("errors").get(0).get("pointer").asText()).isEqualTo("/1/amount");
    assertThat(items.get(3).get("errors").get(0).get("pointer").asText()).isEqualTo("/3");
    assertThat(letters()).containsExactly("CDT-322 " + row("b", "-1"), "CDT-325 7");
    assertThat(rows()).hasSize(1);
  }

  @Test
  void aLineThatIsNotJsonIsRefusedAlone() throws Exception {
    String body = row("a", "1") + "\r\n{\"id\":\n\n" + row("b", "2") + "\n{} {}";
    JsonNode answer = json(batch(LINES, body, NO_HEADERS));
    assertThat(answer.get("accepted").asInt()).isEqualTo(2);
    assertThat(answer.get("refused").asInt()).isEqualTo(2);
    assertThat(letters()).containsExactly("CDT-323 {\"id\":", "CDT-323 {} {}");
  }

  @Test
  void aBatchMayHaveAsManyTransactionsAsItsLimit() throws Exception {
    var lines = new StringBuilder();
    for (int i = 0; i < JsonRows.ROWS_MAX; i++) {
      lines.append(row("n-" + i, "1")).append('\n');
    }
    JsonNode answer = json(batch(LINES, lines.toString(), NO_HEADERS));
    assertThat(answer.get("accepted").asInt()).isEqualTo(JsonRows.ROWS_MAX);
    assertThat(agent.store.tally(Tally.of(Tally.Outcome.ACCEPTED))).isEqualTo(JsonRows.ROWS_MAX);
    lines.append(row("one-more", "1"));
    HttpResponse<String> response = batch(LINES, lines.toString(), NO_HEADERS);
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(agent.store.tally(Tally.of(Tally.Outcome.DUPLICATE))).as("as a whole").isZero();
  }

  @Test
  void theSameKeyGivesTheSameAnswerAlsoAfterARestart() throws Exception {
    Map<String, String> key = Map.of("Idempotency-Key", "\"8e03978e-40d5-43dd\"");
    String body = "[%s, %s]".formatted(row("a", "1"), row("b", "-1"));
    HttpResponse<String> first = batch(JSON, body, key);
    HttpResponse<String> second = batch(JSON, body, key);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(letters()).as("nothing was done again").hasSize(1);
    HttpResponse<String> other = batch(JSON, "[" + row("a", "1") + "]", key);
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(code(other)).isEqualTo("CDT-370");
    assertThat(single(row("c", "1"), key).statusCode()).as("another operation").isEqualTo(202);
    agent.close();
    agent = new RestAgent(folder).storing();
    assertThat(batch(JSON, body, key).body()).isEqualTo(first.body());
    assertThat(agent.store.tally(Tally.of(Tally.Outcome.DUPLICATE))).isZero();
    for (String wrong : List.of("a b", "x".repeat(256), "\"\"")) {
      HttpResponse<String> refused = single(row("d", "1"), Map.of("Idempotency-Key", wrong));
      assertThat(code(refused)).as(wrong).isEqualTo("CDT-372");
    }
  }

  @Test
  void aKeyThatIsUnderWayIsAConflict() throws Exception {
    agent.close();
    agent = new RestAgent(folder);
    Map<String, String> key = Map.of("Idempotency-Key", "k");
    var waiting =
        agent
            .client()
            .sendAsync(
                agent.post("/v1/transactions", JSON, row("a", "1"), key),
                HttpResponse.BodyHandlers.ofString());
    // Which of two is first is open: the other one is refused while that one waits.
    var second =
        agent
            .client()
            .sendAsync(
                agent.post("/v1/transactions", JSON, row("a", "1"), key),
                HttpResponse.BodyHandlers.ofString());
    HttpResponse<String> conflict = waiting.applyToEither(second, response -> response).get();
    assertThat(conflict.statusCode()).isEqualTo(409);
    exchanges.assertResponse(SINGLE, conflict);
    assertThat(conflict.headers().firstValue("retry-after")).isPresent();
    agent.storing();
    waiting.join();
    second.join();
    assertThat(single(row("a", "1"), key).statusCode()).isEqualTo(202);
  }

  @Test
  void aFullSpoolIsSaidSoAtOnce() throws Exception {
    agent.full.set(true);
    HttpResponse<String> response = single(row("a", "1"));
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(code(response)).isEqualTo("CDT-369");
    assertThat(response.headers().firstValue("retry-after")).isPresent();
    assertThat(batch(JSON, "[" + row("a", "1") + "]", NO_HEADERS).statusCode()).isEqualTo(503);
    agent.full.set(false);
    assertThat(single(row("a", "1")).statusCode()).isEqualTo(202);
  }

  @Test
  void whatIsNotDurableInTimeIsRefusedAndKnownAgain() throws Exception {
    agent.close();
    agent = new RestAgent(folder, 2_000);
    HttpResponse<String> late = single(row("a", "1"));
    assertThat(late.statusCode()).isEqualTo(503);
    agent.storing();
    HttpResponse<String> again = single(row("a", "1"));
    while (again.statusCode() == 503) {
      // So short a deadline may be too short for a busy machine.
      again = single(row("a", "1"));
    }
    assertThat(json(again).get("status").asText()).isEqualTo("duplicate");
    assertThat(rows()).hasSize(1);
  }

  @Test
  void otherTypesAndEncodingsAreRefused() throws Exception {
    var wrong = agent.send(agent.post("/v1/transactions", "text/csv", "id\n1", NO_HEADERS));
    exchanges.assertResponse(SINGLE, wrong);
    assertThat(wrong.statusCode()).isEqualTo(415);
    assertThat(batch("text/csv", "id\n1", NO_HEADERS).statusCode()).isEqualTo(415);
    assertThat(single(row("a", "1"), Map.of("Content-Encoding", "gzip")).statusCode())
        .isEqualTo(415);
    var parameter =
        agent.send(
            agent.post(
                "/v1/transactions", "Application/JSON; charset=utf-8", row("a", "1"), NO_HEADERS));
    assertThat(parameter.statusCode()).isEqualTo(202);
  }

  @Test
  void theStatusFollowsTheTransaction() throws Exception {
    assertThat(status("x%2F1").get("code").asText()).isEqualTo("CDT-373");
    single(row("x/1", "1"));
    JsonNode pending = status("x%2F1").get("transactions").get(0);
    assertThat(pending.get("status").asText()).isEqualTo("pending");
    assertThat(pending.get("waitsFor").asText()).isEqualTo("brokers");
    agent.nowMillis.addAndGet(TransactionStatus.HELD_AFTER.toMillis() + 1);
    assertThat(status("x%2F1").get("transactions").get(0).get("status").asText()).isEqualTo("held");
    var block = new BlockPosition(0, 0);
    agent.store.commit(new StoreGroup().scored(block, TestStores.CUT));
    JsonNode scored = status("x%2F1").get("transactions").get(0);
    assertThat(scored.get("status").asText()).isEqualTo("scored");
    assertThat(scored.get("cut").get("batch").asLong()).isEqualTo(TestStores.CUT.batch());
    single(row("x/1", "2"));
    agent.store.commit(new StoreGroup().drop(new BlockPosition(0, 1)));
    JsonNode all = status("x%2F1").get("transactions");
    assertThat(all).hasSize(2);
    assertThat(all.get(1).get("status").asText()).isEqualTo("skipped");
    assertThat(all.get(1).get("code").asText()).isEqualTo("CDT-356");
    var forbidden =
        agent.send(
            agent
                .request("/v1/transactions/y")
                .setHeader("Authorization", "Bearer " + agent.analystToken)
                .GET()
                .build());
    assertThat(forbidden.statusCode()).as("any role may ask").isEqualTo(404);
  }

  @Test
  void everyRouteIsDescribedAndEveryDescriptionIsARoute() throws Exception {
    var routes = new TreeSet<String>();
    agent.api.routes().forEach(route -> routes.add(route.method() + " " + route.path()));
    assertThat(exchanges.operations()).isEqualTo(routes);
    for (String operation : Set.of(SINGLE, BATCH)) {
      String path = operation.split(" ")[1];
      var nobody =
          agent.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.api.port() + path))
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build());
      exchanges.assertResponse(operation, nobody);
      var analyst =
          agent.send(
              agent
                  .request(path)
                  .setHeader("Authorization", "Bearer " + agent.analystToken)
                  .POST(HttpRequest.BodyPublishers.noBody())
                  .build());
      exchanges.assertResponse(operation, analyst);
      assertThat(exchanges.seen).contains(operation + " 401", operation + " 403");
    }
  }
}
