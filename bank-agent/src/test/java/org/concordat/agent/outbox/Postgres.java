package org.concordat.agent.outbox;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.ingest.JsonCells;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problems;

/** A server of a test's own, on a free port of this machine. */
final class Postgres implements AutoCloseable {
  static final String USER = "concordat";
  static final String PASSWORD = "a password";
  private static final String DATABASE = "postgres";

  private final Path folder;
  private final String walLevel;
  private EmbeddedPostgres server;
  private int port;

  Postgres(Path folder, String walLevel) throws IOException {
    this.folder = folder;
    this.walLevel = walLevel;
    this.server = builder().start();
    this.port = server.getPort();
  }

  private EmbeddedPostgres.Builder builder() {
    return EmbeddedPostgres.builder()
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .setOverrideWorkingDirectory(folder.resolve("binaries").toFile())
        .setServerConfig("wal_level", walLevel)
        .setServerConfig("fsync", "off")
        .setPort(port);
  }

  void stop() throws IOException {
    server.close();
  }

  void start() throws IOException {
    server = builder().start();
  }

  void run(String... statements) throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  String ask(String query) throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : "";
    }
  }

  Connection open() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE + "?user=postgres");
  }

  /** Runs what a bank's administrator would. */
  void prepare(AgentConfig.Outbox config) throws SQLException {
    // One by one, as psql does: a slot can't be made where something was written before.
    run(new SetupSql(config).all().split(";\\R"));
    run("alter role " + USER + " password '" + PASSWORD + "'");
  }

  AgentConfig.Outbox config(String slot) throws IOException {
    Path password = folder.resolve("password");
    if (!Files.exists(password)) {
      Files.createFile(
          password,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(password, PASSWORD + "\n");
    }
    var mapping =
        SourceMapping.read(
            Document.parse(
                "mapping",
                "reference: id\ntime: {column: at}\ncolumns: {amount: amount}\n",
                new Problems()));
    return new AgentConfig.Outbox(
        new AgentConfig.Server("127.0.0.1", port, DATABASE, USER, password, Optional.empty()),
        "public",
        "outbox",
        slot,
        "payments",
        new JsonCells(List.of("id", "at", "amount"), JsonCells.Others.SKIPPED),
        mapping);
  }

  Path passwordFile() {
    return folder.resolve("password");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
