package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.outbox.SetupSql;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalReader;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank's outbox while rows are inserted, some of them rolled back, the agent is killed and the
 * database goes away: each committed payment is scored once, and no row's content is logged.
 */
class OutboxIT {
  private static final String BANK = "bank-a";
  private static final String DATABASE = "postgres";
  private static final String CANARY = "CANARY-7319";
  private static final int ROWS = 40;
  private static final int KILLS = 2;
  private static final long UP_SECONDS = 120;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path temp;
  private String table = "";
  private int port;

  @Test
  void whatIsCommittedIsScoredOnce() throws Exception {
    Path folder = temp.resolve("outbox");
    Path rules = ShippedRules.folder("payments");
    EmbeddedPostgres postgres = server();
    try (Consortium consortium = Consortium.create(folder, List.of(BANK), 1, rules)) {
      Path mapping = rules.resolve("mapping.yaml").toAbsolutePath();
      consortium.configureAgent(
          BANK, OutboxInput.create(folder, BANK, postgres.getPort(), DATABASE, mapping));
      prepare(folder.resolve(BANK));
      consortium.startBroker();
      consortium.startAggregators();
      consortium.startAgents();
      Runs.awaitUp(consortium, UP_SECONDS);
      Role agent = consortium.role(BANK);
      List<String> payments = payments();
      long committed = insert(payments, 0);
      for (int i = 1; i <= KILLS; i++) {
        awaitAccepted(consortium, committed - ROWS + 1);
        agent.kill();
        committed += insert(payments, i);
        agent.restart();
        Runs.awaitUp(consortium, UP_SECONDS);
      }
      awaitAccepted(consortium, committed);
      postgres.close();
      postgres = server();
      committed += insert(payments, KILLS + 1);
      long all = committed;
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                Progress now = Progress.of(consortium);
                assertThat(now.accepted()).isEqualTo(all);
                assertThat(now.scored()).isEqualTo(all);
              });
      assertThat(Files.readString(agent.log())).doesNotContain(CANARY);
      consortium.close();
      checkStore(folder.resolve(BANK), all);
    } finally {
      postgres.close();
    }
  }

  private static void awaitAccepted(Consortium consortium, long rows) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> Progress.of(consortium).accepted() >= rows);
  }

  private EmbeddedPostgres server() throws Exception {
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setDataDirectory(temp.resolve("postgres"))
            .setCleanDataDirectory(false)
            .setOverrideWorkingDirectory(temp.resolve("binaries").toFile())
            .setServerConfig("wal_level", "logical")
            .setPort(port)
            .start();
    port = postgres.getPort();
    return postgres;
  }

  private Connection open() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE + "?user=postgres");
  }

  /** What the bank's administrator does. */
  private void prepare(Path bank) throws Exception {
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
  private long insert(List<String> payments, int part) throws SQLException {
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

  private List<String> payments() throws Exception {
    Path file = temp.resolve("payments.csv");
    PaymentSimulator.writeFiles(7, 1, 2 * ROWS * (KILLS + 2), bank -> file);
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

  private static void checkStore(Path bank, long committed) {
    var problems = new Problems();
    var key = KeyFiles.readSymmetricKey(bank.resolve("store.key"), problems).orElseThrow();
    var ids = new ArrayList<String>();
    var letters = new ArrayList<DeadLetter>();
    try (var journal =
        JournalReader.open(bank.resolve("data"), new AtRestBox(key, new SecureRandom()))) {
      journal.blocks(
          block ->
              block.rows().forEach(row -> ids.add(HexFormat.of().formatHex(row.transactionId()))));
      journal.deadLetters(letters::add);
    }
    assertThat(new TreeSet<>(ids)).hasSize((int) committed);
    assertThat(ids).hasSize((int) committed);
    // A refused row has no reference by which a repetition is known: it can come again.
    assertThat(letters).extracting(DeadLetter::code).containsOnly(Code.CDT_318);
    assertThat(letters.stream().map(letter -> letter.place().source()).distinct())
        .hasSize(KILLS + 2);
  }
}
