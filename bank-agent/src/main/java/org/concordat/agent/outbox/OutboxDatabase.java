package org.concordat.agent.outbox;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.postgresql.Driver;

/** Looks whether an outbox can be read, and changes nothing. */
public final class OutboxDatabase {
  private static final int MAJOR_MIN = 13;
  private static final String SECONDS_MAX = "10";

  /** What a managed server gives instead of the attribute. */
  private static final String MANAGED = "rds_replication";

  /**
   * A slot that can be read.
   *
   * @param confirmed before it the server's log may be gone
   * @param active whether somebody reads it
   * @param system the server's identity
   */
  public record Slot(long confirmed, boolean active, long system) {}

  private final AgentConfig.Outbox config;
  private final SetupSql sql;

  public OutboxDatabase(AgentConfig.Outbox config) {
    this.config = config;
    this.sql = new SetupSql(config);
  }

  /** Read anew each time: whoever changes it needn't stop the agent. */
  String password() {
    try {
      return Files.readString(config.server().password()).strip();
    } catch (IOException e) {
      throw refusal(
          Code.CDT_101, "The file of the outbox's password can't be read.", Code.CDT_101.fix());
    }
  }

  /**
   * Looks at everything that has to be there before the log is read.
   *
   * @throws InvalidInputException with all that has to be put right
   * @throws SQLException the database can't be reached for now
   */
  public Slot look() throws SQLException {
    try (Connection connection = connect()) {
      var problems = new Problems();
      server(connection, problems);
      table(connection, problems);
      publication(connection, problems);
      Slot slot = slot(connection, problems);
      problems.throwIfAny();
      return slot;
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private Connection connect() throws SQLException {
    AgentConfig.Server server = config.server();
    var properties = new Properties();
    properties.setProperty("user", server.user());
    properties.setProperty("password", password());
    properties.setProperty("sslmode", server.authority().isPresent() ? "verify-full" : "disable");
    server.authority().ifPresent(pem -> properties.setProperty("sslrootcert", pem.toString()));
    properties.setProperty("ApplicationName", "concordat");
    properties.setProperty("loginTimeout", SECONDS_MAX);
    properties.setProperty("connectTimeout", SECONDS_MAX);
    properties.setProperty("socketTimeout", SECONDS_MAX);
    properties.setProperty("readOnly", "true");
    String url =
        "jdbc:postgresql://%s:%d/%s".formatted(server.host(), server.port(), server.database());
    // Not by the driver manager: it would ask other drivers, and log.
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException();
    }
    return connection;
  }

  /** What waiting doesn't help against is an error. */
  private SQLException refused(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    if (state.startsWith("28") || state.equals("3D000") || state.equals("42501")) {
      String reason =
          switch (state) {
            case "28P01" -> "The password of '" + config.server().user() + "' is wrong.";
            case "3D000" -> "There is no database '" + config.server().database() + "'.";
            case "42501" -> "'" + config.server().user() + "' may not look at the catalogue.";
            default -> "'" + config.server().user() + "' may not connect (" + state + ").";
          };
      throw refusal(Code.CDT_389, reason, Code.CDT_389.fix());
    }
    return e;
  }

  private void server(Connection connection, Problems problems) throws SQLException {
    int major = connection.getMetaData().getDatabaseMajorVersion();
    if (major < MAJOR_MIN) {
      throw refusal(
          Code.CDT_390,
          "The server is PostgreSQL " + major + ".",
          "Upgrade it to " + MAJOR_MIN + " or later.");
    }
    try (var statement =
            connection.prepareStatement(
                "select current_setting('wal_level') = 'logical', rolreplication or rolsuper"
                    + " from pg_roles where rolname = current_user");
        ResultSet row = statement.executeQuery()) {
      row.next();
      if (!row.getBoolean(1)) {
        add(problems, Code.CDT_390, "The server's wal_level isn't 'logical'.", sql.walLevel());
      }
      if (!row.getBoolean(2) && !hasRole(connection, MANAGED)) {
        String reason = "The role '" + config.server().user() + "' may not replicate.";
        add(problems, Code.CDT_389, reason, sql.replication());
      }
    }
  }

  private static boolean hasRole(Connection connection, String role) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select 1 from pg_roles where rolname = ? and pg_has_role(oid, 'member')")) {
      statement.setString(1, role);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private void table(Connection connection, Problems problems) throws SQLException {
    Map<String, String> types = new HashMap<>();
    String kind = "";
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select c.relkind, a.attname, t.typname from pg_class c"
                + " join pg_namespace n on n.oid = c.relnamespace"
                + " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0"
                + " and not a.attisdropped join pg_type t on t.oid = a.atttypid"
                + " where n.nspname = ? and c.relname = ?")) {
      statement.setString(1, config.schema());
      statement.setString(2, config.table());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          kind = row.getString(1);
          types.put(row.getString(2), row.getString(3));
        }
      }
    }
    if (!kind.equals("r")) {
      add(problems, Code.CDT_390, "There is no plain table of this name.", sql.table());
      return;
    }
    if (!List.of("int8", "int4").contains(types.getOrDefault("id", ""))) {
      add(
          problems,
          Code.CDT_390,
          "The table has no column 'id' of type bigint.",
          "Make the table as 'concordat outbox sql' says.");
    }
    if (!List.of("jsonb", "json", "text").contains(types.getOrDefault("payload", ""))) {
      add(
          problems,
          Code.CDT_390,
          "The table has no column 'payload' of type jsonb, json or text.",
          "Make the table as 'concordat outbox sql' says.");
    }
  }

  private void publication(Connection connection, Problems problems) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select p.pubinsert, exists (select 1 from pg_publication_tables t"
                + " where t.pubname = p.pubname and t.schemaname = ? and t.tablename = ?)"
                + " from pg_publication p where p.pubname = ?")) {
      statement.setString(1, config.schema());
      statement.setString(2, config.table());
      statement.setString(3, config.publication());
      try (ResultSet row = statement.executeQuery()) {
        String name = "The publication '" + config.publication() + "' ";
        if (!row.next()) {
          add(problems, Code.CDT_390, name + "doesn't exist.", sql.publication());
        } else if (!row.getBoolean(1)) {
          add(problems, Code.CDT_390, name + "publishes no inserts.", sql.publishInserts());
        } else if (!row.getBoolean(2)) {
          add(problems, Code.CDT_390, name + "lacks the table.", sql.addTable());
        }
      }
    }
  }

  private Slot slot(Connection connection, Problems problems) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "select plugin, database = current_database(), active, wal_status,"
                + " (confirmed_flush_lsn - '0/0')::bigint,"
                + " (select system_identifier from pg_control_system())"
                + " from pg_replication_slots where slot_name = ?")) {
      statement.setString(1, config.slot());
      try (ResultSet row = statement.executeQuery()) {
        String name = "The slot '" + config.slot() + "' ";
        if (!row.next()) {
          add(problems, Code.CDT_391, name + "doesn't exist.", sql.slot());
          return new Slot(0, false, 0);
        }
        if (!"pgoutput".equals(row.getString(1)) || !row.getBoolean(2)) {
          add(
              problems,
              Code.CDT_391,
              name + "belongs to another database or plugin.",
              "Name a slot of the agent's own: " + sql.slot());
        } else if ("lost".equals(row.getString(4))) {
          add(
              problems,
              Code.CDT_392,
              name + "has lost its log: it grew beyond max_slot_wal_keep_size.",
              Code.CDT_392.fix());
        }
        return new Slot(row.getLong(5), row.getBoolean(3), row.getLong(6));
      }
    }
  }

  private void add(Problems problems, Code code, String reason, String fix) {
    problems.add(new Problem(code, place(), reason, fix));
  }

  private InvalidInputException refusal(Code code, String reason, String fix) {
    return new InvalidInputException(List.of(new Problem(code, place(), reason, fix)));
  }

  private Place place() {
    return Place.of(config.schema() + "." + config.table());
  }
}
