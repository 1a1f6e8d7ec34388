package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalReader;
import org.concordat.ops.consortium.ConsortiumFolder.TopicInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank's topic while payments are written to it in transactions, some of them aborted, and the
 * agent is killed: each committed payment is accepted once and none comes twice, so that the rows
 * and the position were durable together.
 */
class TopicSourceIT {
  private static final String BANK = "bank-a";
  private static final int PARTITIONS = 3;
  private static final int TRANSACTION = 20;
  private static final int KILLS = 2;
  private static final long UP_SECONDS = 120;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path temp;

  @Test
  void whatIsCommittedIsAcceptedOnce() throws Exception {
    Path folder = temp.resolve("topic");
    Path rules = ShippedRules.folder("payments");
    try (Consortium consortium = Consortium.create(folder, List.of(BANK), 1, rules)) {
      consortium.startBroker();
      Bus bus = Bus.of(folder.resolve("broker/broker.yaml"));
      TopicInput input =
          TopicInput.of(
              folder, BANK, bus.bootstrap(), rules.resolve("mapping.yaml").toAbsolutePath());
      bus.create(input.topic(), PARTITIONS);
      consortium.configureAgent(BANK, input);
      consortium.startAggregators();
      consortium.startAgents();
      Runs.awaitUp(consortium, UP_SECONDS);

      long committed = writeAndKill(consortium, bus, input.topic());
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                Progress now = Progress.of(consortium);
                assertThat(now.accepted()).isEqualTo(committed);
                assertThat(now.scored()).isEqualTo(committed);
                assertThat(now.refused()).isEqualTo(2);
              });
      await()
          .atMost(LONG)
          .untilAsserted(() -> assertThat(bus.lag(input.topic(), input.groupId())).isZero());
      assertThat(Progress.of(consortium).duplicates()).as("read twice").isZero();
      loseRecords(consortium.role(BANK), bus, input.topic());
      consortium.close();
      checkStore(folder.resolve(BANK), input.topic(), committed);
    }
  }

  /** Whoever deletes what the agent hasn't read stops it: no payment is passed over in silence. */
  private static void loseRecords(Role agent, Bus bus, String topic) throws Exception {
    agent.stop();
    try (KafkaProducer<byte[], byte[]> producer = bus.producer()) {
      long lost = producer.send(new ProducerRecord<>(topic, 0, null, new byte[1])).get().offset();
      bus.deleteBefore(topic, lost + 1);
    }
    agent.restart();
    await().atMost(LONG).until(() -> !agent.isAlive());
    assertThat(agent.exitValue()).isEqualTo(2);
    assertThat(Files.readString(agent.log())).contains(topic + "/0: CDT-385");
  }

  /** Returns how many payments were committed. */
  private long writeAndKill(Consortium consortium, Bus bus, String topic) throws Exception {
    List<byte[]> payments = payments();
    var over = new AtomicBoolean();
    try (KafkaProducer<byte[], byte[]> producer = bus.producer("payments")) {
      CompletableFuture<Long> writing =
          CompletableFuture.supplyAsync(() -> write(producer, topic, payments, over));
      Role agent = consortium.role(BANK);
      long before = 0;
      for (int i = 0; i < KILLS; i++) {
        before = awaitMore(consortium, before);
        agent.kill();
        agent.restart();
        Runs.awaitUp(consortium, UP_SECONDS);
      }
      awaitMore(consortium, before);
      over.set(true);
      return writing.get();
    }
  }

  private static long awaitMore(Consortium consortium, long before) {
    return await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> Progress.of(consortium).accepted(), accepted -> accepted > before);
  }

  /** Commits until it is over; every third transaction is aborted. */
  private static long write(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      List<byte[]> payments,
      AtomicBoolean over) {
    long committed = 0;
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, 1, null, "{".getBytes(StandardCharsets.UTF_8)));
    producer.send(new ProducerRecord<>(topic, 2, new byte[1], null));
    producer.commitTransaction();
    for (int next = 0; !over.get() && next + TRANSACTION <= payments.size(); next += TRANSACTION) {
      boolean aborted = next / TRANSACTION % 3 == 2;
      producer.beginTransaction();
      for (byte[] payment : payments.subList(next, next + TRANSACTION)) {
        producer.send(new ProducerRecord<>(topic, payment));
      }
      producer.flush();
      if (aborted) {
        producer.abortTransaction();
      } else {
        producer.commitTransaction();
        committed += TRANSACTION;
      }
    }
    return committed;
  }

  private List<byte[]> payments() throws Exception {
    Path file = temp.resolve("payments.csv");
    PaymentSimulator.writeFiles(7, 1, 100_000, bank -> file);
    var json = new ObjectMapper();
    var payments = new ArrayList<byte[]>();
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (var record : parser) {
        payments.add(json.writeValueAsBytes(record.toMap()));
      }
    }
    return payments;
  }

  private static void checkStore(Path bank, String topic, long committed) {
    var problems = new Problems();
    var key = KeyFiles.readSymmetricKey(bank.resolve("store.key"), problems).orElseThrow();
    var ids = new TreeSet<String>();
    var letters = new ArrayList<DeadLetter>();
    try (var journal =
        JournalReader.open(bank.resolve("data"), new AtRestBox(key, new SecureRandom()))) {
      journal.blocks(
          block ->
              block.rows().forEach(row -> ids.add(HexFormat.of().formatHex(row.transactionId()))));
      journal.deadLetters(letters::add);
    }
    assertThat(ids).hasSize((int) committed);
    assertThat(letters)
        .extracting(letter -> letter.place().source(), DeadLetter::code)
        .containsExactlyInAnyOrder(
            tuple(topic + "/1@0", Code.CDT_323), tuple(topic + "/2@0", Code.CDT_380));
  }
}
