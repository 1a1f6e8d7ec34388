package org.concordat.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.concordat.agent.encode.Acknowledgement;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
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
class OutboxSourceTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String SLOT = "concordat";

  @TempDir private static Path server;

  private static Postgres postgres;

  @TempDir private Path folder;

  private AgentStore store;
  private final AtomicBoolean full = new AtomicBoolean();
  private final AtomicInteger durable = new AtomicInteger(Integer.MAX_VALUE);
  private AtomicBoolean stopping = new AtomicBoolean();
  private final List<SourceRecord> taken = new ArrayList<>();
  private OutboxSource source;
  private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);

  @BeforeAll
  static void startServer() throws Exception {
    postgres = new Postgres(server, "logical");
  }

  @AfterAll
  static void stopServer() throws Exception {
    postgres.close();
  }

  @BeforeEach
  void open() throws Exception {
    store = TestStores.open(folder.resolve("data"));
    postgres.prepare(postgres.config(SLOT));
  }

  @AfterEach
  void close() throws Exception {
    stop();
    store.close();
    await().atMost(LONG).until(() -> drop(SLOT));
    postgres.run(
        "drop publication if exists payments",
        "drop table if exists outbox",
        "revoke all on database postgres from concordat",
        "drop role concordat");
  }

  private static boolean drop(String slot) {
    try {
      postgres.run(
          "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
              + " where slot_name = '"
              + slot
              + "'");
      return true;
    } catch (java.sql.SQLException e) {
      // The server lets go of a reader a moment after it went.
      return false;
    }
  }

  private void start() throws Exception {
    stopping = new AtomicBoolean();
    source = new OutboxSource(postgres.config(SLOT), store, full::get, stopping::get);
    running = run(source, this::take);
  }

  private static CompletableFuture<Void> run(OutboxSource source, OutboxSource.Sink sink) {
    var future = new CompletableFuture<Void>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                source.run(sink);
                future.complete(null);
              } catch (InterruptedException | RuntimeException e) {
                future.completeExceptionally(e);
              }
            });
    return future;
  }

  private void stop() {
    stopping.set(true);
    await().atMost(LONG).until(running::isDone);
  }

  private void take(SourceRecord record, Acknowledgement acknowledgement) {
    synchronized (taken) {
      taken.add(record);
      if (durable.getAndDecrement() > 0) {
        var group = new StoreGroup();
        record.bookmark().change().accept(group);
        store.commit(group);
        acknowledgement.durable();
      }
    }
  }

  private List<String> ids() {
    synchronized (taken) {
      return taken.stream()
          .map(record -> record.cells().isEmpty() ? "refused" : record.cells().getFirst())
          .toList();
    }
  }

  private void awaitIds(String... ids) {
    await().atMost(LONG).untilAsserted(() -> assertThat(ids()).containsExactly(ids));
  }

  /** Reads until one more row was taken than becomes durable, and begins anew. */
  private void readAndStop(int durableRows) throws Exception {
    durable.set(durableRows);
    start();
    await().atMost(LONG).until(() -> ids().size() > durableRows);
    restart();
  }

  private void restart() throws Exception {
    stop();
    synchronized (taken) {
      taken.clear();
    }
    durable.set(Integer.MAX_VALUE);
    start();
  }

  private static void insert(String... ids) throws Exception {
    for (String id : ids) {
      postgres.run(
          "insert into outbox (payload) values ('{\"id\": \"%s\", \"amount\": 9800.00}')"
              .formatted(id));
    }
  }

  private List<Problem> refusal() {
    await().atMost(LONG).until(running::isDone);
    return ((InvalidInputException) running.exceptionNow()).problems();
  }

  @Test
  void whatWasWrittenBeforeAndAfterTheStartComesInOrderWithItsDecimals() throws Exception {
    insert("a", "b");
    start();
    awaitIds("a", "b");
    insert("c");
    awaitIds("a", "b", "c");
    assertThat(source.waiting()).isFalse();
    assertThat(taken.getFirst().cells()).containsExactly("a", "", "9800.00");
    assertThat(taken.getFirst().place().source()).matches("public\\.outbox#\\d+");
  }

  @Test
  void whatIsNotDurableComesAgainAndWhatIsDoesNot() throws Exception {
    insert("a", "b", "c");
    readAndStop(1);
    awaitIds("b", "c");
    restart();
    insert("d");
    awaitIds("d");
  }

  @Test
  void rowsOfOneStatementAreToldApart() throws Exception {
    postgres.run(
        "insert into outbox (id, payload) overriding system value select 100 - n,"
            + " jsonb_build_object('id', n) from generate_series(1, 5) n");
    readAndStop(3);
    awaitIds("4", "5");
  }

  @Test
  void theServersLogIsReleasedWhenRowsAreDurable() throws Exception {
    insert("a");
    start();
    awaitIds("a");
    String end = postgres.ask("select pg_current_wal_lsn()");
    await()
        .atMost(LONG)
        .until(
            () -> {
              insert("x");
              return postgres
                  .ask("select confirmed_flush_lsn > '%s' from pg_replication_slots".formatted(end))
                  .equals("t");
            });
  }

  @Test
  void onlyInsertsCountEvenOfRowsThatAreGoneAgain() throws Exception {
    postgres.run(
        "begin;"
            + "insert into outbox (payload) values ('{\"id\": \"a\"}');"
            + "delete from outbox;"
            + "commit");
    insert("b");
    postgres.run("update outbox set payload = '{\"id\": \"other\"}'", "truncate outbox");
    insert("c");
    start();
    awaitIds("a", "b", "c");
  }

  @Test
  void payloadsThatCannotBeUsedAreRefusedAndPassed() throws Exception {
    postgres.run(
        "alter table outbox alter payload drop not null",
        "alter table outbox drop constraint outbox_payload_check",
        "alter table outbox alter payload type text",
        "insert into outbox (payload) values (null), ('{'), ('\"' || repeat('x', 65536) || '\"')");
    insert("a");
    start();
    awaitIds("refused", "refused", "refused", "a");
    assertThat(taken.subList(0, 3))
        .extracting(record -> record.refusal().code())
        .containsExactly(Code.CDT_380, Code.CDT_323, Code.CDT_304);
  }

  @Test
  void whileTheStoreIsFullNothingIsTaken() throws Exception {
    full.set(true);
    insert("a");
    start();
    await()
        .atMost(LONG)
        .until(
            () ->
                postgres
                    .ask("select active from pg_replication_slots where slot_name = 'concordat'")
                    .equals("t"));
    assertThat(ids()).isEmpty();
    full.set(false);
    awaitIds("a");
  }

  @Test
  void aServerThatGoesAndComesBackIsReadOn() throws Exception {
    insert("a");
    start();
    awaitIds("a");
    postgres.stop();
    await().atMost(LONG).until(source::waiting);
    postgres.start();
    insert("b");
    awaitIds("a", "b");
  }

  @Test
  void aMissingSlotIsAnErrorAndIsNotMade() throws Exception {
    assertThat(drop(SLOT)).isTrue();
    start();
    assertThat(refusal())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_391);
              assertThat(problem.fix()).contains("pg_create_logical_replication_slot('concordat'");
            });
    assertThat(postgres.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
  }

  @Test
  void aSlotThatWasMadeAnewIsNoticed() throws Exception {
    insert("a");
    start();
    awaitIds("a");
    stop();
    await().atMost(LONG).until(() -> drop(SLOT));
    insert("lost");
    postgres.run("select pg_create_logical_replication_slot('concordat', 'pgoutput')");
    start();
    assertThat(refusal()).singleElement().extracting(Problem::code).isEqualTo(Code.CDT_393);
  }

  @Test
  void aSlotThatAnotherReadsIsWaitedFor() throws Exception {
    // Without a row the first sign of life comes after seconds.
    insert("a");
    start();
    awaitIds("a");
    try (var other = TestStores.open(folder.resolve("other"))) {
      var stop = new AtomicBoolean();
      var second = new OutboxSource(postgres.config(SLOT), other, () -> false, stop::get);
      var told = run(second, (record, acknowledgement) -> {});
      insert("b");
      awaitIds("a", "b");
      assertThat(second.waiting()).isTrue();
      stop.set(true);
      await().atMost(LONG).until(told::isDone);
    }
  }
}
