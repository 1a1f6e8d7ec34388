package org.concordat.agent.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.config.SinkSection;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskTable;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Verification;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertSinksTest {
  private static final Supplier<Producer<byte[], byte[]>> NO_PRODUCER =
      () -> {
        throw new AssertionError("no topic is configured");
      };

  @TempDir Path folder;

  private AgentStore store;

  @BeforeEach
  void open() {
    store = TestStores.open(folder.resolve("data"));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private AlertSinks open(AgentConfig.Alerts config, Supplier<Producer<byte[], byte[]>> producers)
      throws IOException {
    return AlertSinks.open(config, "own.", producers, store.desk(), new SimpleMeterRegistry());
  }

  private void deliver(AlertSinks sinks, Alert... alerts) throws IOException, InterruptedException {
    TestSink.add(sinks, store.desk(), alerts);
    TestSink.deliverAll(sinks);
  }

  private static AgentConfig.Alerts config(
      Optional<Path> file, Optional<String> topic, SinkSection.TopicFormat format) {
    return new AgentConfig.Alerts(
        AgentConfig.Console.NONE,
        file,
        topic,
        format,
        Optional.empty(),
        Optional.empty(),
        0,
        DeskConfig.DEFAULT);
  }

  static Alert alert(String id, Verification verification) {
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

  static Alert alert(String id) {
    return alert(id, Verification.VERIFIED);
  }

  private static MockProducer<byte[], byte[]> producer(boolean completes) {
    return new MockProducer<>(
        completes, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @Test
  void aFileGetsALineForEachAndGoesOnAfterARestart() throws IOException, InterruptedException {
    Path file = folder.resolve("new/alerts.jsonl");
    var config = config(Optional.of(file), Optional.empty(), SinkSection.TopicFormat.AVRO);
    for (String id : List.of("aa", "bb")) {
      try (AlertSinks sinks = open(config, NO_PRODUCER)) {
        deliver(sinks, alert(id + 1), alert(id + 2));
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
    var config = config(Optional.empty(), Optional.of("alerts"), SinkSection.TopicFormat.AVRO);
    try (AlertSinks sinks = open(config, () -> producer)) {
      deliver(sinks, alert("aa"), alert("bb"));
    }
    assertThat(producer.history()).hasSize(2);
    var record = producer.history().getFirst();
    assertThat(record.topic()).isEqualTo("own.alerts");
    assertThat(new String(record.key(), StandardCharsets.US_ASCII)).isEqualTo("aa");
    assertThat(RecordCodec.decode(Alert.class, record.value())).isEqualTo(alert("aa"));
    assertThat(producer.closed()).isTrue();
  }

  @Test
  void aTopicThatTakesNothingIsTriedAgainByAnotherProducer() throws Exception {
    MockProducer<byte[], byte[]> refused = producer(true);
    MockProducer<byte[], byte[]> taken = producer(true);
    Iterator<MockProducer<byte[], byte[]>> made = List.of(refused, taken).iterator();
    refused.sendException = new KafkaException("told by the test");
    try (var sink = new TopicSink(made::next, "t", SinkSection.TopicFormat.AVRO)) {
      assertThatThrownBy(() -> sink.deliver(List.of(alert("aa")))).isInstanceOf(IOException.class);
      assertThat(refused.closed()).isTrue();
      sink.deliver(List.of(alert("aa")));
      sink.deliver(List.of(alert("bb")));
      assertThat(taken.history()).hasSize(2);
      assertThat(taken.closed()).isFalse();
    }
    assertThat(taken.closed()).isTrue();
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
  void linesThatAKillLeftWithoutTheirMarkAreNotWrittenAgain() throws Exception {
    Path file = folder.resolve("alerts.jsonl");
    try (var sink = new FileSink(file)) {
      sink.deliver(List.of(alert("aa"), alert("bb")));
    }
    try (var sink = new FileSink(file)) {
      sink.deliver(List.of(alert("bb"), alert("cc")));
    }
    // A file that is longer than what is looked through.
    Path large = folder.resolve("large.jsonl");
    String line = AlertJson.line(alert("old")) + "\n";
    Files.writeString(large, line.repeat(FileSink.TAIL_BYTES / line.length() + 10));
    long before = Files.size(large);
    try (var sink = new FileSink(large)) {
      sink.deliver(List.of(alert("old"), alert("dd")));
    }
    assertThat(Files.readAllLines(file))
        .containsExactly(
            AlertJson.line(alert("aa")), AlertJson.line(alert("bb")), AlertJson.line(alert("cc")));
    assertThat(Files.size(large)).isEqualTo(before + AlertJson.line(alert("dd")).length() + 1);
  }

  @Test
  void aTopicGetsCloudEventsIfToldSo() throws Exception {
    MockProducer<byte[], byte[]> producer = producer(true);
    var config =
        config(Optional.empty(), Optional.of("alerts"), SinkSection.TopicFormat.CLOUDEVENTS);
    try (AlertSinks sinks = open(config, () -> producer)) {
      deliver(sinks, alert("aa"));
    }
    var record = producer.history().getFirst();
    JsonNode event = new ObjectMapper().readTree(record.value());
    assertThat(event.path("specversion").asText()).isEqualTo("1.0");
    assertThat(event.path("id").asText()).isEqualTo("aa");
    assertThat(event.path("source").asText()).isEqualTo("urn:concordat:bank:bank-a");
    assertThat(event.path("type").asText()).isEqualTo("org.concordat.alert.v1");
    assertThat(event.path("time").asText()).isEqualTo("1970-01-01T00:00:00.002Z");
    assertThat(event.at("/data/reference").asText()).isEqualTo("P-aa");
    assertThat(record.headers().lastHeader("content-type").value())
        .isEqualTo("application/cloudevents+json".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void eachSinkGoesOnWhereItWasAndHoldsUpNoOther() throws Exception {
    var quick = new TestSink();
    var slow = new TestSink();
    Map<String, AlertSink> named = Map.of("quick", quick, "slow", slow);
    slow.refusals = 1;
    AlertSinks before = TestSink.sinks(named, store.desk(), 10);
    TestSink.add(before, store.desk(), alert("aa"), alert("bb"));
    for (Courier courier : before.couriers()) {
      assertThat(courier.step()).isEqualTo(courier.name().equals("quick"));
    }
    assertThat(quick.taken).hasSize(2);
    assertThat(slow.taken).isEmpty();
    // After a kill: the marks are durable.
    AlertSinks after = TestSink.sinks(named, store.desk(), 10);
    TestSink.add(after, store.desk(), alert("cc"));
    TestSink.deliverAll(after);
    assertThat(quick.taken).containsExactly(alert("aa"), alert("bb"), alert("cc"));
    assertThat(slow.taken).isEqualTo(quick.taken);
    store.desk().forEach(DeskTable.OUTBOX, new byte[0], (key, plain) -> fail("kept " + key[7]));
    assertThat(after.log().after(-1, Optional.of("slow"), 10))
        .extracting(json -> json.getBoolean("delivered"))
        .containsExactly(false, true);
    // One that is new gets what comes from now on.
    var third = new TestSink();
    AlertSinks more = TestSink.sinks(Map.of("third", third), store.desk(), 10);
    TestSink.add(more, store.desk(), alert("dd"));
    TestSink.deliverAll(more);
    assertThat(third.taken).containsExactly(alert("dd"));
    more.close();
    assertThat(third.closed).isTrue();
  }

  @Test
  void theOutboxIsBounded() throws Exception {
    var sink = new TestSink();
    AlertSinks sinks = TestSink.sinks(Map.of("one", sink), store.desk(), 3);
    TestSink.add(sinks, store.desk(), alert("aa"), alert("bb"));
    assertThatThrownBy(() -> sinks.requireRoom(2)).isInstanceOf(IOException.class);
    TestSink.add(sinks, store.desk(), alert("cc"));
    assertThatThrownBy(() -> sinks.requireRoom(1)).isInstanceOf(IOException.class);
    TestSink.deliverAll(sinks);
    sinks.requireRoom(100);
    assertThat(sink.taken).hasSize(3);
  }

  @Test
  void theLogOfDeliveriesIsBounded() {
    var log = new DeliveryLog(store.desk(), 3);
    var entry = List.of(new Outbox.Entry(0, alert("aa")));
    for (int i = 1; i <= 5; i++) {
      var change = new DeskChange();
      log.add(change, "one", entry, i, "", i);
      store.desk().commit(change);
    }
    assertThat(log.after(-1, Optional.empty(), 10))
        .extracting(json -> json.getInteger("attempt"))
        .containsExactly(3, 4, 5);
  }

  @Test
  void theWaitDoublesUpToAMinuteAndIsNeverTheSame() {
    assertThat(Courier.backoffMillis(1, 1)).isEqualTo(1_000);
    assertThat(Courier.backoffMillis(1, 0)).isEqualTo(500);
    assertThat(Courier.backoffMillis(4, 1)).isEqualTo(8_000);
    assertThat(Courier.backoffMillis(1_000, 1)).isEqualTo(60_000);
  }

  @Test
  void toStopBringsWhatIsThere() throws Exception {
    var good = new TestSink();
    var bad = new TestSink();
    bad.refusals = Integer.MAX_VALUE;
    AlertSinks sinks = TestSink.sinks(Map.of("good", good, "bad", bad), store.desk(), 10);
    List<Thread> threads = new ArrayList<>();
    for (AlertSinks.Work work : sinks.works().values()) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      work.run();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    TestSink.add(sinks, store.desk(), alert("aa"));
    sinks.stop();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(good.taken).containsExactly(alert("aa"));
    assertThat(bad.taken).isEmpty();
  }
}
