package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.outbox.SetupSql;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalReader;
import org.concordat.ops.consortium.ConsortiumFolder.TopicInput;
import org.concordat.ops.consortium.OutboxInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a bank's topic and a bank's outbox give while the agents that read them are killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith(LossStays.class)
class SourcesIT {
  private static final String TOPIC_BANK = "bank-a";
  private static final String OUTBOX_BANK = "bank-b";
  private static final boolean FULL = "full".equals(System.getProperty("concordat.it.load"));
  private static final int KILLS = FULL ? 2 : 1;
  private static final long UP_SECONDS = 120;
  private static final Duration LONG = Duration.ofSeconds(60);

  private static final int PARTITIONS = 3;
  private static final int TRANSACTION = 20;

  /** Between transactions: payments come all the time. */
  private static final long TRANSACTION_MILLIS = 30;

  /** A minute's for each time that the agent is killed: it is back long before. */
  private static final int WRITTEN_MAX = 30_000 * KILLS;

  private static final String DATABASE = "postgres";
  private static final String CANARY = "CANARY-7319";
  private static final int ROWS = 40;

  @TempDir private static Path temp;

  private static Consortium consortium;
  private static Bus bus;
  private static TopicInput input;
  private static EmbeddedPostgres postgres;
  private static int port;
  private static String table = "";

  @BeforeAll
  static void startConsortium() throws Exception {
    Path folder = temp.resolve("sources");
    Path rules = ShippedRules.folder("payments");
    Path mapping = rules.resolve("mapping.yaml").toAbsolutePath();
    postgres = server();
    consortium = Consortium.create(folder, List.of(TOPIC_BANK, OUTBOX_BANK), 1, rules);
    consortium.configureAgent(
        OUTBOX_BANK, OutboxInput.create(folder, OUTBOX_BANK, port, DATABASE, mapping));
    prepare(folder.resolve(OUTBOX_BANK));
    consortium.startBroker();
    bus = Bus.of(folder.resolve("broker/broker.yaml"));
    input = TopicInput.of(folder, TOPIC_BANK, bus.bootstrap(), mapping);
    bus.create(input.topic(), PARTITIONS);
    consortium.configureAgent(TOPIC_BANK, input);
    consortium.startAggregators();
    consortium.startAgents();
    Runs.awaitUp(consortium, UP_SECONDS);
  }

  @AfterAll
  static void stopConsortium() throws Exception {
    try {
      if (consortium != null) {
        consortium.close();
      }
    } finally {
      if (postgres != null) {
        postgres.close();
      }
    }
  }

  private static Progress progress(String bank) {
    return Progress.of(consortium, List.of(bank));
  }

  /**
   * Rows are inserted, some of them rolled back, the agent is killed and the database goes away:
   * each committed payment is scored once, and no row's content is logged.
   */
  @Test
  void whatIsCommittedInTheOutboxIsScoredOnce() throws Exception {
    Role agent = consortium.role(OUTBOX_BANK);
    List<String> payments = payments(2 * ROWS * (KILLS + 2));
    long committed = insert(payments, 0);
    for (int i = 1; i <= KILLS; i++) {
      awaitAccepted(committed - ROWS + 1);
      agent.kill();
      committed += insert(payments, i);
      agent.restart();
      Runs.awaitUp(consortium, UP_SECONDS);
    }
    awaitAccepted(committed);
    postgres.close();
    postgres = server();
    committed += insert(payments, KILLS + 1);
    long all = committed;
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              Progress now = progress(OUTBOX_BANK);
              requireOnce(now, all);
              assertThat(now.scored()).isEqualTo(all);
              assertThat(now.refused()).isGreaterThanOrEqualTo(KILLS + 2);
            });
    assertThat(Files.readString(agent.log())).doesNotContain(CANARY);
    var ids = new ArrayList<String>();
    var letters = new ArrayList<DeadLetter>();
    readStore(OUTBOX_BANK, ids, letters);
    requireOnce(ids, all);
    // A refused row has no reference by which a repetition is known: it can come again.
    assertThat(letters).extracting(DeadLetter::code).containsOnly(Code.CDT_318);
    assertThat(letters.stream().map(letter -> letter.place().source()).distinct())
        .hasSize(KILLS + 2);
  }

  /**
   * All were accepted by now, each of them once.
   *
   * @throws LossStays.Loss more were; fewer may only be late
   */
  private static void requireOnce(Progress now, long committed) {
    if (now.accepted() > committed) {
      throw new LossStays.Loss("%d were committed: %s".formatted(committed, now));
    }
    assertThat(now.accepted()).isEqualTo(committed);
  }

  /** As above, of what the store of an agent holds that had all of them. */
  private static void requireOnce(List<String> ids, long committed) {
    if (ids.size() != committed || new TreeSet<>(ids).size() != committed) {
      throw new LossStays.Loss(
          "%d were committed, the store has %d, %d of them different"
              .formatted(committed, ids.size(), new TreeSet<>(ids).size()));
    }
  }

  private static void awaitAccepted(long rows) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> accepted(OUTBOX_BANK) >= rows);
  }

  /** Asks the agent alone: whoever waits for a moment to kill it asks often. */
  private static long accepted(String bank) {
    return consortium
        .agentMetrics(bank)
        .map(m -> (long) m.sum("concordat_agent_rows_total", "outcome=\"accepted\""))
        .orElse(0L);
  }

  private static EmbeddedPostgres server() throws Exception {
    EmbeddedPostgres started =
        EmbeddedPostgres.builder()
            .setDataDirectory(temp.resolve("postgres"))
            .setCleanDataDirectory(false)
            .setOverrideWorkingDirectory(temp.resolve("binaries").toFile())
            .setServerConfig("wal_level", "logical")
            .setPort(port)
            .start();
    port = started.getPort();
    return started;
  }

  private static Connection open() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE + "?user=postgres");
  }

  /** What the bank's administrator does. */
  private static void prepare(Path bank) throws Exception {
    var problems = new Problems();
    AgentConfig.Outbox outbox =
        AgentConfig.read(bank.resolve("agent.yaml"), problems).ingest().outbox().orElseThrow();
    problems.throwIfAny();
    table = outbox.schema() + "." + outbox.table();
    try (Connection connection = open();
        var statement = connection.createStatement()) {
      for (String sql : new SetupSql(outbox).all().split(";\\R")) {
        statement.execute(sql);
      }
      statement.execute(
          "alter role %s password '%s'"
              .formatted(outbox.server().user(), Files.readString(outbox.server().password())));
    }
  }

  /** Commits one part of the payments, with a bad row, and rolls another back. */
  private static long insert(List<String> payments, int part) throws SQLException {
    int from = 2 * part * ROWS;
    try (Connection connection = open();
        var statement =
            connection.prepareStatement("insert into " + table + " (payload) values (?::jsonb)")) {
      connection.setAutoCommit(false);
      for (String payment : payments.subList(from, from + ROWS)) {
        statement.setString(1, payment);
        statement.executeUpdate();
      }
      statement.setString(1, "{\"payment_id\": \"" + CANARY + part + "\"}");
      statement.executeUpdate();
      connection.commit();
      for (String payment : payments.subList(from + ROWS, from + 2 * ROWS)) {
        statement.setString(1, payment);
        statement.executeUpdate();
      }
      connection.rollback();
    }
    return ROWS;
  }

  /**
   * Payments are written to the topic in transactions, some of them aborted, and the agent is
   * killed: each committed payment is accepted once and none comes twice, so that the rows and the
   * position were durable together. The last: the agent ends for what it couldn't read.
   */
  @Test
  @Order(Integer.MAX_VALUE)
  void whatIsCommittedInTheTopicIsAcceptedOnce() throws Exception {
    long committed = writeAndKill(input.topic());
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              Progress now = progress(TOPIC_BANK);
              requireOnce(now, committed);
              assertThat(now.scored()).isEqualTo(committed);
              assertThat(now.refused()).isEqualTo(2);
              assertThat(certificateSeconds()).isPositive();
            });
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(bus.lag(input.topic(), input.groupId())).isZero());
    // Rows that come again are known by their references, but here none does.
    if (progress(TOPIC_BANK).duplicates() > 0) {
      throw new LossStays.Loss("read twice: " + progress(TOPIC_BANK));
    }
    loseRecords(consortium.role(TOPIC_BANK), input.topic());
    Runs.end(consortium);
    var ids = new ArrayList<String>();
    var letters = new ArrayList<DeadLetter>();
    readStore(TOPIC_BANK, ids, letters);
    requireOnce(ids, committed);
    assertThat(letters)
        .extracting(letter -> letter.place().source(), DeadLetter::code)
        .containsExactlyInAnyOrder(
            tuple(input.topic() + "/1@0", Code.CDT_323),
            tuple(input.topic() + "/2@0", Code.CDT_380));
  }

  /** How long the certificate stays valid that the agent shows the brokers of its source. */
  private static double certificateSeconds() {
    return consortium
        .agentMetrics(TOPIC_BANK)
        .map(m -> m.sum("concordat_certificate_remaining_seconds", "use=\"ingest\""))
        .orElse(0.0);
  }

  /** Whoever deletes what the agent hasn't read stops it: no payment is passed over in silence. */
  private static void loseRecords(Role agent, String topic) throws Exception {
    agent.stop();
    try (KafkaProducer<byte[], byte[]> producer = bus.producer()) {
      long lost = producer.send(new ProducerRecord<>(topic, 0, null, new byte[1])).get().offset();
      bus.deleteBefore(topic, lost + 1);
    }
    agent.restart();
    await().atMost(Duration.ofSeconds(UP_SECONDS)).until(() -> !agent.isAlive());
    assertThat(agent.exitValue()).isEqualTo(2);
    assertThat(Files.readString(agent.log())).contains(topic + "/0: CDT-385");
  }

  /** Returns how many payments were committed. */
  private static long writeAndKill(String topic) throws Exception {
    List<String> payments = payments(WRITTEN_MAX);
    var over = new AtomicBoolean();
    try (KafkaProducer<byte[], byte[]> producer = bus.producer("payments")) {
      CompletableFuture<Long> writing =
          CompletableFuture.supplyAsync(() -> write(producer, topic, payments, over));
      Role agent = consortium.role(TOPIC_BANK);
      long before = 0;
      for (int i = 0; i < KILLS; i++) {
        before = awaitMore(before);
        agent.kill();
        agent.restart();
        Runs.awaitUp(consortium, UP_SECONDS);
      }
      awaitMore(before);
      over.set(true);
      return writing.get();
    }
  }

  private static long awaitMore(long before) {
    return await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> accepted(TOPIC_BANK), accepted -> accepted > before);
  }

  /** Commits until it is over; every third transaction is aborted. */
  private static long write(
      KafkaProducer<byte[], byte[]> producer,
      String topic,
      List<String> payments,
      AtomicBoolean over) {
    long committed = 0;
    producer.beginTransaction();
    producer.send(new ProducerRecord<>(topic, 1, null, "{".getBytes(StandardCharsets.UTF_8)));
    producer.send(new ProducerRecord<>(topic, 2, new byte[1], null));
    producer.commitTransaction();
    for (int next = 0; !over.get() && next + TRANSACTION <= payments.size(); next += TRANSACTION) {
      boolean aborted = next / TRANSACTION % 3 == 2;
      producer.beginTransaction();
      for (String payment : payments.subList(next, next + TRANSACTION)) {
        producer.send(new ProducerRecord<>(topic, payment.getBytes(StandardCharsets.UTF_8)));
      }
      producer.flush();
      if (aborted) {
        producer.abortTransaction();
      } else {
        producer.commitTransaction();
        committed += TRANSACTION;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(TRANSACTION_MILLIS));
    }
    return committed;
  }

  /** Simulated payments as JSON. */
  private static List<String> payments(int count) throws Exception {
    Path file = temp.resolve("payments-" + count + ".csv");
    PaymentSimulator.writeFiles(7, 1, count, bank -> file);
    var json = new ObjectMapper();
    var payments = new ArrayList<String>();
    var format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (var parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (var record : parser) {
        payments.add(json.writeValueAsString(record.toMap()));
      }
    }
    return payments;
  }

  /** What a bank's agent holds, whether it runs or not. */
  private static void readStore(String bank, List<String> ids, List<DeadLetter> letters) {
    var problems = new Problems();
    Path own = consortium.folder().resolve(bank);
    var key = KeyFiles.readSymmetricKey(own.resolve("store.key"), problems).orElseThrow();
    try (var journal =
        JournalReader.open(own.resolve("data"), new AtRestBox(key, new SecureRandom()))) {
      journal.blocks(
          block ->
              block.rows().forEach(row -> ids.add(HexFormat.of().formatHex(row.transactionId()))));
      journal.deadLetters(letters::add);
    }
  }
}
