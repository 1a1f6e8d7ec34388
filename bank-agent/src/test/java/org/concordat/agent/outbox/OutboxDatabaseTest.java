package org.concordat.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OutboxDatabaseTest {
  @TempDir private static Path folder;

  private static Postgres postgres;

  private AgentConfig.Outbox config;

  @BeforeAll
  static void startServer() throws Exception {
    postgres = new Postgres(folder, "replica");
  }

  @AfterAll
  static void stopServer() throws Exception {
    postgres.close();
  }

  @BeforeEach
  void createRole() throws Exception {
    config = postgres.config("concordat");
    postgres.run("create role concordat login password '" + Postgres.PASSWORD + "'");
  }

  @AfterEach
  void drop() throws Exception {
    postgres.run(
        "drop publication if exists payments",
        "drop table if exists outbox",
        "drop role concordat");
    Files.delete(postgres.passwordFile());
  }

  @Test
  void everythingThatIsMissingIsNamedWithItsStatement() throws Exception {
    assertThat(look(config))
        .extracting(Problem::code)
        .containsExactly(Code.CDT_390, Code.CDT_389, Code.CDT_390, Code.CDT_390, Code.CDT_391);
    assertThat(look(config))
        .extracting(Problem::fix)
        .containsExactly(
            "alter system set wal_level = 'logical';  -- and restart the server",
            "alter role concordat replication;",
            new SetupSql(config).table(),
            "create publication payments for table public.outbox with (publish = 'insert');",
            "select pg_create_logical_replication_slot('concordat', 'pgoutput');");
    postgres.run(
        "create table outbox (id text, payload bytea)",
        "create publication payments with (publish = 'update')");
    assertThat(look(config))
        .extracting(Problem::reason)
        .contains(
            "The table has no column 'id' of type bigint.",
            "The table has no column 'payload' of type jsonb, json or text.",
            "The publication 'payments' publishes no inserts.");
    postgres.run("alter publication payments set (publish = 'insert')");
    assertThat(look(config))
        .extracting(Problem::fix)
        .contains("alter publication payments add table public.outbox;");
  }

  @Test
  void whoIsRefusedIsToldWhyAndAServerThatIsAwayIsNoMistake() throws Exception {
    Path hba = Path.of(postgres.ask("show hba_file"));
    Files.writeString(hba, "host all concordat all scram-sha-256\nhost all all all trust\n");
    postgres.run("select pg_reload_conf()");
    Files.writeString(postgres.passwordFile(), "canary");
    assertThat(look(config))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_389);
              assertThat(problem.reason()).isEqualTo("The password of 'concordat' is wrong.");
            });
    postgres.stop();
    assertThatThrownBy(() -> new OutboxDatabase(config).look()).isInstanceOf(SQLException.class);
    postgres.start();
  }

  private static List<Problem> look(AgentConfig.Outbox config) {
    return catchThrowableOfType(
            InvalidInputException.class, () -> new OutboxDatabase(config).look())
        .problems();
  }
}
