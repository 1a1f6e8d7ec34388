package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.config.DeskConfig;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Verification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertSinksTest {
  private static final Supplier<Producer<byte[], byte[]>> NO_PRODUCER =
      () -> {
        throw new AssertionError("no topic is configured");
      };

  @TempDir Path folder;

  private static Alert alert(String id, Verification verification) {
    return Alert.newBuilder()
        .setId(id)
        .setMode("test")
        .setBank("bank-a")
        .setReference("P-" + id)
        .setRule("risk")
        .setRuleTitle("A high risk")
        .setRuleSet("test")
        .setRuleSetVersion(4)
        .setContractVersion(1)
        .setScore("7.25")
        .setThreshold("2.5")
        .setReasons(List.of(new Reason("many", "They are many"), new Reason("new", "It is new")))
        .setPartition(0)
        .setAlertSequence(5)
        .setEventMinute(29_462_400)
        .setAcceptedMillis(1)
        .setCommittedMillis(2)
        .setDeliveredMillis(3)
        .setCut("0a")
        .setVerification(verification)
        .build();
  }

  private static Alert alert(String id) {
    return alert(id, Verification.VERIFIED);
  }

  private static MockProducer<byte[], byte[]> producer(boolean completes) {
    return new MockProducer<>(
        completes, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Test
  void aFileGetsALineForEachAndGoesOnAfterARestart() throws IOException, InterruptedException {
    Path file = folder.resolve("new/alerts.jsonl");
    var config =
        new AgentConfig.Alerts(
            AgentConfig.Console.NONE, Optional.of(file), Optional.empty(), 0, DeskConfig.DEFAULT);
    for (String id : List.of("aa", "bb")) {
      try (AlertSinks sinks = AlertSinks.open(config, "own.", NO_PRODUCER)) {
        sinks.deliver(List.of(alert(id + 1), alert(id + 2)));
      }
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(4);
    JsonNode json = new ObjectMapper().readTree(lines.get(3));
    assertThat(json.path("id").asText()).isEqualTo("bb2");
    assertThat(json.path("reference").asText()).isEqualTo("P-bb2");
    assertThat(json.path("score").asText()).isEqualTo("7.25");
    assertThat(json.path("reasons").path(1).path("code").asText()).isEqualTo("new");
    assertThat(json.path("verification").asText()).isEqualTo("VERIFIED");
    assertThat(json.size()).isEqualTo(Alert.getClassSchema().getFields().size());
  }

  @Test
  void aLineThatAKillCutOffIsRemoved() throws IOException {
    Path file = folder.resolve("alerts.jsonl");
    try (var sink = new FileSink(file)) {
      sink.deliver(List.of(alert("aa")));
    }
    Files.writeString(file, "{\"id\":\"b", StandardOpenOption.APPEND);
    try (var sink = new FileSink(file)) {
      sink.deliver(List.of(alert("bb")));
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(AlertJson.line(alert("aa")), AlertJson.line(alert("bb")));
  }

  @Test
  void aFileOfAnotherKindIsLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "first line\nsecond, without end");
    assertThatThrownBy(() -> new FileSink(file)).isInstanceOf(IOException.class);
    assertThat(Files.size(file)).isEqualTo(30);
  }

  @Test
  void aTopicGetsAvroUnderTheAlertsId() throws IOException, InterruptedException {
    MockProducer<byte[], byte[]> producer = producer(true);
    var config =
        new AgentConfig.Alerts(
            AgentConfig.Console.NONE,
            Optional.empty(),
            Optional.of("alerts"),
            0,
            DeskConfig.DEFAULT);
    try (AlertSinks sinks = AlertSinks.open(config, "own.", () -> producer)) {
      sinks.deliver(List.of(alert("aa"), alert("bb")));
    }
    assertThat(producer.history()).hasSize(2);
    var record = producer.history().getFirst();
    assertThat(record.topic()).isEqualTo("own.alerts");
    assertThat(new String(record.key(), StandardCharsets.US_ASCII)).isEqualTo("aa");
    assertThat(RecordCodec.decode(Alert.class, record.value())).isEqualTo(alert("aa"));
    assertThat(producer.closed()).isTrue();
  }

  @Test
  void aTopicThatTakesNothingIsAFailureThatCanBeTriedAgain() {
    MockProducer<byte[], byte[]> producer = producer(true);
    producer.sendException = new KafkaException("told by the test");
    assertThatThrownBy(() -> new TopicSink(producer, "t").deliver(List.of(alert("aa"))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theTerminalGetsATable() {
    var bytes = new ByteArrayOutputStream();
    var sink = new ConsoleSink(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);
    Alert steering = alert("cc", Verification.UNVERIFIED);
    steering.put("reference", "\u001b[2Jgone");
    sink.deliver(List.of(alert("aa"), steering));
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .anyMatch(line -> line.matches("event +reference +rule +score +reasons"))
        .anyMatch(
            line ->
                line.matches("2026-01-07T00:00:00Z +P-aa +risk +7.25 +They are many; It is new"))
        .anyMatch(line -> line.contains(" ?[2Jgone ") && line.endsWith("(unverified)"));
  }

  @Test
  void theTerminalGetsLinesOfJson() {
    var bytes = new ByteArrayOutputStream();
    new ConsoleSink(new PrintStream(bytes, true, StandardCharsets.UTF_8), true)
        .deliver(List.of(alert("aa"), alert("bb")));
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(AlertJson.line(alert("aa")), AlertJson.line(alert("bb")));
  }

  @Test
  void aSinkThatHasTakenAnAlertIsNotTroubledByOneThatHasNot()
      throws IOException, InterruptedException {
    var first = new TestSink();
    var second = new TestSink();
    var sinks = new AlertSinks(List.of(first, second));
    second.refusals = 2;
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> sinks.deliver(List.of(alert("aa")))).isInstanceOf(IOException.class);
    }
    sinks.deliver(List.of(alert("aa"), alert("bb")));
    assertThat(first.taken).containsExactly(alert("aa"), alert("bb"));
    assertThat(second.taken).containsExactly(alert("aa"), alert("bb"));
    sinks.close();
    assertThat(first.closed && second.closed).isTrue();
  }
}
