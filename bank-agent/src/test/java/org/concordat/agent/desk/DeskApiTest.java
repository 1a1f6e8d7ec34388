package org.concordat.agent.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.concordat.agent.desk.TestDesk.NOW;
import static org.concordat.agent.desk.TestDesk.arrival;
import static org.concordat.agent.desk.TestDesk.id;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.concordat.agent.api.ApiServer;
import org.concordat.agent.api.OpenApiDocument;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Tokens;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.rest.Exchanges;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every answer is held against the OpenAPI document that the same server serves. */
@Timeout(120)
class DeskApiTest {
  private static final String UNTIL = "2026-03-02T12:00:00Z";

  @TempDir Path folder;

  private final String ana = Tokens.generate(new SecureRandom());
  private final String auditor = Tokens.generate(new SecureRandom());
  private final HttpClient client = HttpClient.newHttpClient();
  private TestDesk desk;
  private ApiServer api;
  private Exchanges exchanges;

  @BeforeEach
  void start() throws Exception {
    desk = new TestDesk(Files.createDirectories(folder.resolve("data")), TestDesk.CONFIG);
    api = serve(desk.desk);
    exchanges = new Exchanges(send(request("/v1/openapi.yaml", ana).build()).body());
  }

  private ApiServer serve(Desk served) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("tokens.yaml"),
            "format: 1\ntokens:\n"
                + Tokens.entry("ana", EnumSet.of(Role.ANALYST), ana)
                + Tokens.entry("rev", EnumSet.of(Role.AUDITOR), auditor));
    var problems = new Problems();
    Tokens tokens = Tokens.read(file, problems);
    problems.throwIfAny();
    var server = new ApiServer(new AgentConfig.Api("127.0.0.1", 0, Optional.empty(), file), tokens);
    OpenApiDocument.addTo(server);
    new DeskRoutes(served, TestDesk::notices, () -> NOW).addTo(server);
    server.start(folder.resolve("data"));
    return server;
  }

  @AfterEach
  void stop() throws IOException {
    desk.desk.close();
    api.close();
    client.close();
    desk.close();
  }

  private HttpRequest.Builder request(String path, String token) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + path))
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode get(String operation, String path, int status) throws Exception {
    return answer("GET " + operation, request(path, ana).build(), status);
  }

  private JsonNode post(String operation, String path, String body, int status) throws Exception {
    return answer(
        "POST " + operation,
        request(path, ana)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        status);
  }

  private JsonNode answer(String operation, HttpRequest request, int status) throws Exception {
    HttpResponse<String> response = send(request);
    exchanges.assertResponse(operation, response);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return new ObjectMapper().readTree(response.body());
  }

  private static List<String> ids(JsonNode page) {
    List<String> ids = new ArrayList<>();
    page.get("items").forEach(item -> ids.add(item.get("id").asText()));
    return ids;
  }

  @Test
  void anItemIsListedOpenedAndJudged() throws Exception {
    desk.take(arrival(1, "large"), arrival(1, "mules"));
    JsonNode line = get("/v1/alerts", "/v1/alerts", 200).get("items").get(0);
    assertThat(line.get("reference").asText()).isEqualTo("P-1");
    assertThat(line.get("account").asText()).isEqualTo("ACC-1");
    assertThat(line.get("priority").asText()).isEqualTo("high");
    assertThat(line.get("reasons").get(1).asText()).isEqualTo("Because of mules");
    JsonNode item = get("/v1/alerts/{id}", "/v1/alerts/" + id(1), 200);
    assertThat(item.at("/transaction/features/0/value").asText()).isEqualTo("12.50");
    assertThat(item.at("/alerts/0/contributions")).hasSize(1);
    assertThat(item.at("/alerts/0/contributions/0/points").asText()).isEqualTo("6.25");
    assertThat(item.toString()).doesNotContain("evidence");
    String verdicts = "/v1/alerts/{id}/verdict";
    String path = "/v1/alerts/" + id(1) + "/verdict";
    JsonNode judged = post(verdicts, path, "{\"verdict\": \"fraud\", \"note\": \"called\"}", 200);
    assertThat(judged.get("state").asText()).isEqualTo("closed");
    assertThat(judged.at("/verdicts/0/by").asText()).isEqualTo("ana");
    for (String wrong :
        List.of("{}", "{\"verdict\": \"guilty\"}", "{\"verdict\": \"fraud\", \"by\": \"bo\"}")) {
      assertThat(post(verdicts, path, wrong, 422).get("code").asText()).isEqualTo("CDT-714");
    }
    post(verdicts, path, "{\"verdict\": \"fraud\", \"note\": \"" + "x".repeat(501) + "\"}", 422);
    post(verdicts, path, "{", 400);
    post(verdicts, "/v1/alerts/" + id(2) + "/verdict", "{\"verdict\": \"unsure\"}", 404);
    get("/v1/alerts/{id}", "/v1/alerts/" + id(2), 404);
    JsonNode rules = get("/v1/precision", "/v1/precision", 200).get("rules");
    assertThat(rules.get(0).get("precision").asDouble()).isEqualTo(1.0);
  }

  @Test
  void whoeverComesBeforeTheItemsAreReadIsAskedToComeAgain() throws Exception {
    desk.take(arrival(1, "large"));
    api.close();
    try (var starting = new Desk(desk.store.desk(), TestDesk.CONFIG)) {
      api = serve(starting);
      for (String path :
          List.of(
              "/v1/alerts",
              "/v1/alerts/overflow",
              "/v1/alerts/stream",
              "/v1/alerts:export",
              "/v1/groups",
              "/v1/precision")) {
        assertThat(get(path, path, 503).get("code").asText()).as(path).isEqualTo("CDT-722");
      }
      get("/v1/alerts/{id}", "/v1/alerts/" + id(1), 503);
      get("/v1/groups/{id}", "/v1/groups/" + id(1), 503);
      String verdict = "/v1/alerts/" + id(1) + "/verdict";
      post("/v1/alerts/{id}/verdict", verdict, "{\"verdict\": \"fraud\"}", 503);
      var refused = send(request("/v1/alerts", ana).build());
      assertThat(refused.headers().firstValueAsLong("retry-after")).hasValue(2);
      assertThat(starting.audit().after(-1, 10)).as("what was refused").isEmpty();
      get("/v1/snoozes", "/v1/snoozes", 200);

      starting.load();
      assertThat(ids(get("/v1/alerts", "/v1/alerts", 200))).containsExactly(id(1));
    }
  }

  @Test
  void filtersAndPagesNarrowTheList() throws Exception {
    for (long i = 1; i <= 5; i++) {
      desk.take(arrival(i, i % 2 == 0 ? "mules" : "large"));
    }
    String list = "/v1/alerts";
    JsonNode first = get(list, "/v1/alerts?limit=2", 200);
    assertThat(ids(first)).containsExactly(id(5), id(4));
    String next = first.get("next").asText();
    assertThat(ids(get(list, "/v1/alerts?limit=9&cursor=" + next, 200)))
        .containsExactly(id(3), id(2), id(1));
    assertThat(ids(get(list, "/v1/alerts?rule=mules", 200))).containsExactly(id(4), id(2));
    assertThat(ids(get(list, "/v1/alerts?account=ACC-3", 200))).containsExactly(id(3));
    assertThat(ids(get(list, "/v1/alerts?priority=medium", 200))).containsExactly(id(4), id(2));
    assertThat(ids(get(list, "/v1/alerts?since=2026-03-01T12:00:01Z", 200))).isEmpty();
    assertThat(ids(get(list, "/v1/alerts?state=closed", 200))).isEmpty();
    for (String wrong :
        List.of("state=old", "since=x", "limit=0", "limit=501", "cursor=!", "stat=new")) {
      JsonNode problem = get(list, "/v1/alerts?" + wrong, 400);
      assertThat(problem.at("/errors/0/code").asText()).as(wrong).isEqualTo("CDT-713");
      assertThat(problem.at("/errors/0/pointer").asText())
          .isEqualTo("/" + wrong.substring(0, wrong.indexOf('=')));
    }
    desk.take(arrival(6, "mules"), arrival(7, "mules"));
    assertThat(ids(get("/v1/alerts/overflow", "/v1/alerts/overflow", 200)))
        .containsExactly(id(7), id(6));
    HttpResponse<String> export = send(request("/v1/alerts:export?rule=large", ana).build());
    exchanges.assertResponse("GET /v1/alerts:export", export);
    assertThat(export.body().lines()).hasSize(3).allMatch(line -> line.contains("\"alerts\""));
  }

  @Test
  void groupsShowEveryMember() throws Exception {
    var verified = org.concordat.schemas.record.Verification.VERIFIED;
    desk.take(
        arrival(1, "large", "A", NOW, verified, ""),
        arrival(2, "large", "A", NOW + 1, verified, ""),
        arrival(3, "large", "B", NOW, verified, ""));
    desk.desk.judge(id(1), new Verdict(Verdict.Finding.FALSE_ALARM, "ana", NOW, ""));
    JsonNode page = get("/v1/groups", "/v1/groups?limit=1", 200);
    assertThat(page.at("/groups/0/account").asText()).isEqualTo("B");
    page = get("/v1/groups", "/v1/groups?limit=5&before=" + page.get("next").asText(), 200);
    assertThat(page.get("groups")).hasSize(1);
    JsonNode group = page.at("/groups/0");
    assertThat(group.get("items").asInt()).isEqualTo(2);
    assertThat(group.at("/states/closed").asInt()).isEqualTo(1);
    assertThat(group.at("/states/new").asInt()).isEqualTo(1);
    String id = group.get("id").asText();
    assertThat(ids(get("/v1/groups/{id}", "/v1/groups/" + id, 200))).containsExactly(id(1), id(2));
    get("/v1/groups/{id}", "/v1/groups/" + id(9), 404);
  }

  @Test
  void aSnoozeHasOneScopeAnAuthorAReasonAndAnEnd() throws Exception {
    desk.take(arrival(1, "large"));
    String path = "/v1/snoozes";
    String right = "{\"rule\": \"large\", \"reason\": \"a campaign\", \"until\": \"%s\"}";
    JsonNode snooze = post(path, path, right.formatted(UNTIL), 201);
    assertThat(snooze.get("by").asText()).isEqualTo("ana");
    desk.take(arrival(2, "large"));
    assertThat(ids(get("/v1/alerts", "/v1/alerts?state=snoozed", 200))).hasSize(2);
    assertThat(get(path, path, 200).at("/snoozes/0/muted").asInt()).isEqualTo(1);
    for (String wrong :
        List.of(
            right.formatted("2026-03-01T12:00:00Z"),
            right.formatted("2026-06-01T12:00:00Z"),
            right.formatted("tomorrow"),
            right.formatted(UNTIL).replace("a campaign", " "),
            right.formatted(UNTIL).replace("a campaign", "x".repeat(501)),
            right.formatted(UNTIL).replace("{", "{\"item\": \"i\", "),
            right.formatted(UNTIL).replace("\"rule\"", "\"role\""))) {
      assertThat(post(path, path, wrong, 422).get("code").asText()).isEqualTo("CDT-715");
    }
    String id = snooze.get("id").asText();
    var end = request(path + "/" + id, ana).DELETE().build();
    assertThat(answer("DELETE /v1/snoozes/{id}", end, 200).get("inForce").asBoolean()).isFalse();
    answer("DELETE /v1/snoozes/{id}", request(path + "/none", ana).DELETE().build(), 404);
    assertThat(ids(get("/v1/alerts", "/v1/alerts?state=new", 200))).hasSize(2);
  }

  @Test
  void whoFollowsIsToldAndOnlySoManyMayWait() throws Exception {
    String follow = "/v1/alerts/stream";
    desk.take(arrival(1, "large"));
    JsonNode start = get(follow, follow, 200);
    assertThat(ids(start)).isEmpty();
    String after = follow + "?after=" + start.get("after").asText();
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < DeskRoutes.FOLLOWERS_MAX; i++) {
      waiting.add(
          client.sendAsync(request(after, ana).build(), HttpResponse.BodyHandlers.ofString()));
    }
    Awaitility.await()
        .until(() -> send(request(after + "&waitSeconds=0", ana).build()).statusCode() == 429);
    desk.take(arrival(2, "large"));
    for (var each : waiting) {
      HttpResponse<String> response = each.get(60, TimeUnit.SECONDS);
      exchanges.assertResponse("GET " + follow, response);
      assertThat(response.body()).contains(id(2)).doesNotContain(id(1));
    }
    get(follow, follow + "?after=0&waitSeconds=21", 400);
  }

  @Test
  void theAuditorReadsWhatTheOthersDidAndNobodyElseDoes() throws Exception {
    desk.take(arrival(1, "large"));
    get("/v1/alerts", "/v1/alerts?rule=large", 200);
    get("/v1/alerts/{id}", "/v1/alerts/" + id(1), 200);
    send(request("/v1/alerts:export", ana).build());
    String audit = "/v1/audit";
    assertThat(get(audit, audit, 403).get("code").asText()).isEqualTo("CDT-362");
    JsonNode page = answer("GET " + audit, request(audit + "?limit=2", auditor).build(), 200);
    assertThat(page.at("/entries/0/deed").asText()).isEqualTo("listed");
    assertThat(page.at("/entries/0/by").asText()).isEqualTo("ana");
    assertThat(page.at("/entries/0/what/rule").asText()).isEqualTo("large");
    String next = audit + "?after=" + page.get("next").asText();
    page = answer("GET " + audit, request(next, auditor).build(), 200);
    assertThat(page.at("/entries/0/deed").asText()).isEqualTo("exported");
    assertThat(page.at("/entries/1/by").asText()).isEqualTo("rev");
    for (var route : api.routes()) {
      if (Set.of("/v1/openapi.yaml", audit).contains(route.path())) {
        continue;
      }
      String operation = route.method() + " " + route.path();
      for (String token : List.of(auditor, "none")) {
        var request =
            request(route.path().replace("{id}", id(1)), token)
                .method(route.method().name(), HttpRequest.BodyPublishers.noBody())
                .build();
        answer(operation, request, token.equals(auditor) ? 403 : 401);
      }
    }
  }
}
