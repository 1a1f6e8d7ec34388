package org.concordat.agent.outbox;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.concordat.agent.config.AgentConfig;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the server's log, by Debezium's engine. It keeps no offset of its own: it goes
 * on where the slot was acknowledged, and acknowledges what is settled here.
 */
final class Capture implements AutoCloseable {
  private static final int BATCH_MAX = 512;
  private static final int QUEUE_MAX = 1_024;
  private static final int QUEUE_BYTES_MAX = 16 << 20;
  private static final int HEARTBEAT_MILLIS = 5_000;
  private static final long START_MILLIS = 60_000;
  private static final long CLOSE_MILLIS = 2_000;
  private static final long POLL_MILLIS = 100;

  private final SynchronousQueue<Batch> batches = new SynchronousQueue<>();
  private final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private final Thread thread;
  private volatile boolean closed;

  Capture(AgentConfig.Outbox config, String password) {
    this.engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(properties(config, password))
            .using(OffsetCommitPolicy.always())
            .using((ok, message, error) -> ended.complete(Optional.ofNullable(error)))
            .notifying(this::hand)
            .build();
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("outbox-engine")
            .uncaughtExceptionHandler((failed, failure) -> ended.complete(Optional.of(failure)))
            .start(engine);
  }

  private static Properties properties(AgentConfig.Outbox config, String password) {
    AgentConfig.Server server = config.server();
    String table = config.schema() + "\\." + config.table();
    var all = new Properties();
    all.setProperty("name", "outbox");
    all.setProperty("connector.class", PostgresConnector.class.getName());
    all.setProperty("offset.storage", MemoryOffsetBackingStore.class.getName());
    all.setProperty("topic.prefix", "outbox");
    all.setProperty("database.hostname", server.host());
    all.setProperty("database.port", Integer.toString(server.port()));
    all.setProperty("database.dbname", server.database());
    all.setProperty("database.user", server.user());
    all.setProperty("database.password", password);
    all.setProperty("database.sslmode", server.authority().isPresent() ? "verify-full" : "disable");
    server.authority().ifPresent(pem -> all.setProperty("database.sslrootcert", pem.toString()));
    all.setProperty("plugin.name", "pgoutput");
    all.setProperty("slot.name", config.slot());
    all.setProperty("publication.name", config.publication());
    all.setProperty("publication.autocreate.mode", "disabled");
    all.setProperty("table.include.list", table);
    // What else stands in the table isn't even looked at.
    all.setProperty("column.include.list", table + "\\.(id|payload)");
    all.setProperty("snapshot.mode", "no_data");
    all.setProperty("skipped.operations", "u,d,t");
    all.setProperty("tombstones.on.delete", "false");
    all.setProperty("heartbeat.interval.ms", Integer.toString(HEARTBEAT_MILLIS));
    all.setProperty("status.update.interval.ms", "1000");
    all.setProperty("poll.interval.ms", "50");
    all.setProperty("max.batch.size", Integer.toString(BATCH_MAX));
    all.setProperty("max.queue.size", Integer.toString(QUEUE_MAX));
    all.setProperty("max.queue.size.in.bytes", Integer.toString(QUEUE_BYTES_MAX));
    // Whatever fails ends the engine: it would make a slot that is missing by then.
    all.setProperty("errors.max.retries", "0");
    all.setProperty("slot.max.retries", "0");
    all.setProperty("record.processing.threads", "1");
    all.setProperty("record.processing.shutdown.timeout.ms", "500");
    all.setProperty("executor.shutdown.timeout.ms", "1000");
    all.setProperty("task.management.timeout.ms", Long.toString(START_MILLIS));
    return all;
  }

  /** Called by the engine; returns when all is settled, so that nothing more is fetched before. */
  private void hand(
      List<RecordChangeEvent<SourceRecord>> events,
      DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    var batch = new Batch(events.stream().map(event -> change(event.record())).toList());
    while (!batches.offer(batch, POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      requireOpen();
    }
    for (RecordChangeEvent<SourceRecord> event : events) {
      while (!batch.awaitSettled(POLL_MILLIS)) {
        requireOpen();
      }
      committer.markProcessed(event);
    }
    committer.markBatchFinished();
  }

  private void requireOpen() throws InterruptedException {
    if (closed) {
      throw new InterruptedException();
    }
  }

  private static Change change(SourceRecord record) {
    long mark = mark(record.sourceOffset());
    if (!(record.value() instanceof Struct value)
        || value.schema().field("op") == null
        || !"c".equals(value.getString("op"))) {
      return new Change(null, mark);
    }
    Struct source = value.getStruct("source");
    Struct after = value.getStruct("after");
    return new Change(
        new Change.Row(
            String.valueOf(after.get("id")),
            after.getString("payload"),
            source.getInt64("txId"),
            source.getInt64("lsn")),
        mark);
  }

  /** The engine acknowledges one of these. */
  private static long mark(Map<String, ?> offset) {
    long mark = 0;
    for (String name : List.of("lsn", "lsn_proc", "lsn_commit")) {
      if (offset.get(name) instanceof Number lsn) {
        mark = Math.max(mark, lsn.longValue());
      }
    }
    return mark;
  }

  /**
   * The next changes, if some come in time.
   *
   * @throws CaptureFailedException no more will come
   */
  @Nullable Batch poll(long millis) throws InterruptedException, CaptureFailedException {
    Batch batch = batches.poll(millis, TimeUnit.MILLISECONDS);
    if (batch == null && ended.isDone()) {
      throw new CaptureFailedException(ended.join().orElse(null));
    }
    return batch;
  }

  /** Waits no longer than an agent may take to stop. */
  @Override
  public void close() {
    closed = true;
    Thread.ofPlatform().daemon().name("outbox-close").start(this::end);
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() {
    while (thread.isAlive() && !ended.isDone()) {
      try {
        engine.close();
        return;
      } catch (IllegalStateException | IOException e) {
        // It refuses while it starts, and when it ends by itself meanwhile.
        try {
          thread.join(POLL_MILLIS);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }
}
