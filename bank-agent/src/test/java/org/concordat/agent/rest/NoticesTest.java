package org.concordat.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.concordat.agent.iso.TestMessages;
import org.concordat.agent.store.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recalls and returns of payments: kept at the bank, beside what they speak of. */
@Timeout(120)
class NoticesTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String REFERENCE = "DEUTDEFFXXX%2FM%2Fa";
  private static final String NAMED =
      "<OrgnlGrpInf><OrgnlMsgId>M</OrgnlMsgId></OrgnlGrpInf><OrgnlTxId>a</OrgnlTxId>";
  private static final String RECALL =
      TestMessages.recall(NAMED + "<CxlRsnInf><Rsn><Cd>FRAD</Cd></Rsn></CxlRsnInf>");
  private static final String RETURN =
      TestMessages.payback(
          NAMED
              + "<RtrdIntrBkSttlmAmt Ccy='EUR'>1.00</RtrdIntrBkSttlmAmt>"
              + "<InstdAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></InstdAgt>");

  @TempDir private Path folder;

  private static JsonNode json(HttpResponse<String> response) throws Exception {
    return new ObjectMapper().readTree(response.body());
  }

  private static JsonNode post(RestAgent agent, Exchanges exchanges, String message)
      throws Exception {
    var response = agent.send(agent.post("/v1/messages", "application/xml", message, Map.of()));
    exchanges.assertResponse("POST /v1/messages", response);
    assertThat(response.statusCode()).isEqualTo(202);
    return json(response);
  }

  private static JsonNode status(RestAgent agent, Exchanges exchanges) throws Exception {
    var response = agent.send(agent.request("/v1/transactions/" + REFERENCE).GET().build());
    exchanges.assertResponse("GET /v1/transactions/{ref}", response);
    return json(response);
  }

  private static Exchanges exchanges(RestAgent agent) throws Exception {
    return new Exchanges(agent.send(agent.request("/v1/openapi.yaml").GET().build()).body());
  }

  @Test
  void theyAreShownAtTheirPaymentWhicheverComesFirst() throws Exception {
    try (var agent = new RestAgent(folder).storing()) {
      Exchanges exchanges = exchanges(agent);
      JsonNode answer = post(agent, exchanges, RECALL);
      assertThat(answer.get("noted").asInt()).isEqualTo(1);
      assertThat(answer.get("items").get(0).get("status").asText()).isEqualTo("noted");
      JsonNode alone = status(agent, exchanges);
      assertThat(alone.get("transactions")).isEmpty();
      assertThat(alone.get("paymentStatus").asText()).isEqualTo("recalled");
      assertThat(agent.store.unscoredBlocks()).as("nothing goes on the bus").isZero();
      assertThat(agent.store.tally(Tally.of(Tally.Outcome.ACCEPTED))).isZero();

      post(agent, exchanges, TestMessages.of(List.of(TestMessages.transaction("a", "1", "EUR"))));
      int blocks = agent.store.unscoredBlocks();
      agent.nowMillis.addAndGet(1_000);
      post(agent, exchanges, RETURN);
      assertThat(post(agent, exchanges, RETURN).get("noted").asInt()).as("again").isEqualTo(1);
      assertThat(agent.store.unscoredBlocks()).isEqualTo(blocks);
    }
    try (var agent = new RestAgent(folder)) {
      JsonNode both = status(agent, exchanges(agent));
      assertThat(both.get("transactions")).hasSize(1);
      assertThat(both.get("paymentStatus").asText()).isEqualTo("returned");
      assertThat(both.get("notices")).hasSize(2);
      assertThat(both.get("notices").get(0).get("reasonText").asText()).isEqualTo("fraud");
      assertThat(both.get("notices").get(1).get("amount").asText()).isEqualTo("1.00");
    }
  }

  @Test
  void theyComeThroughTheFolderToo() throws Exception {
    Path inbox = Files.createDirectory(folder.resolve("inbox"));
    try (var agent = new RestAgent(folder).storing().watching(inbox)) {
      Path written = Files.writeString(folder.resolve("written"), RECALL);
      Files.move(written, inbox.resolve("recall.xml"));
      await().atMost(LONG).until(() -> Files.exists(inbox.resolve("done/recall.xml")));
      assertThat(agent.notices("DEUTDEFFXXX/M/a")).hasSize(1);
    }
  }

  @Test
  void oneThatNamesNothingIsADeadLetter() throws Exception {
    try (var agent = new RestAgent(folder).storing()) {
      JsonNode answer = post(agent, exchanges(agent), TestMessages.recall("<CxlId>1</CxlId>"));
      assertThat(answer.get("refused").asInt()).isEqualTo(1);
      assertThat(answer.get("items").get(0).get("errors").get(0).get("code").asText())
          .isEqualTo("CDT-337");
      assertThat(agent.store.deadLetterCount()).isEqualTo(1);
    }
  }

  @Test
  void theyGoWithTheAgeOfTheirPayments() throws Exception {
    try (var agent = new RestAgent(folder).storing()) {
      Exchanges exchanges = exchanges(agent);
      post(agent, exchanges, RECALL);
      long age = agent.store.limits().seenAge().toMillis();
      agent.nowMillis.addAndGet(2 * age);
      // A later one begins a new span, with which the first can go.
      post(agent, exchanges, RETURN);
      agent.nowMillis.addAndGet(2 * age);
      agent.store.expire(agent.nowMillis.get(), 100);
      assertThat(agent.notices("DEUTDEFFXXX/M/a")).hasSize(1);
    }
  }
}
