package org.concordat.agent.outbox;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.concordat.agent.config.AgentConfig;
import org.concordat.agent.encode.Acknowledgement;
import org.concordat.agent.encode.Outcome;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.DeadLetter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that are inserted into one table, from where the server was told that they are durable.
 * One thread works here, in {@link #run}; it begins again whenever the database fails, and looks
 * first whether going on would lose rows.
 */
public final class OutboxSource {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxSource.class);
  private static final long POLL_MILLIS = 200;
  private static final long BACKOFF_MILLIS = 1_000;

  /** How long a stop waits for rows that were handed over. */
  private static final long LAST_MILLIS = 1_000;

  /** Takes the records over, and says when they can't be lost any more. */
  public interface Sink {
    void take(SourceRecord record, Acknowledgement acknowledgement) throws InterruptedException;
  }

  private final AgentConfig.Outbox config;
  private final OutboxDatabase database;
  private final OutboxPositions positions;
  private final BooleanSupplier full;
  private final BooleanSupplier stopping;

  private long transaction;
  private long lsn;
  private long ordinal;
  private String toldCause = "";
  private volatile boolean waiting = true;

  /**
   * @param full whether nothing more can be stored for now
   */
  public OutboxSource(
      AgentConfig.Outbox config, AgentStore store, BooleanSupplier full, BooleanSupplier stopping) {
    this.config = config;
    this.database = new OutboxDatabase(config);
    this.positions = new OutboxPositions(store, config.slot());
    this.full = full;
    this.stopping = stopping;
  }

  /** Whether the table can't be read for now. */
  public boolean waiting() {
    return waiting;
  }

  /**
   * Works until it is told to stop.
   *
   * @throws org.concordat.schemas.problem.InvalidInputException CDT-389 to CDT-393: the database
   *     has to be put right, or going on would lose rows silently
   */
  public void run(Sink sink) throws InterruptedException {
    while (!stopping.getAsBoolean()) {
      try {
        OutboxDatabase.Slot slot = database.look();
        positions.require(slot);
        if (slot.active()) {
          waits("the slot is read by another process");
        } else {
          read(sink);
        }
      } catch (SQLException e) {
        waits(CaptureFailedException.told(e));
      } catch (CaptureFailedException e) {
        waits(String.valueOf(e.getMessage()));
      }
      if (!stopping.getAsBoolean()) {
        Thread.sleep(BACKOFF_MILLIS);
      }
    }
  }

  private void waits(String cause) {
    waiting = true;
    if (!cause.equals(toldCause)) {
      toldCause = cause;
      LOG.atWarn()
          .addKeyValue("table", config.schema() + "." + config.table())
          .addKeyValue("cause", cause)
          .log("Reading the bank's outbox waits for its database.");
    }
  }

  private void read(Sink sink) throws InterruptedException, SQLException, CaptureFailedException {
    boolean first = true;
    ordinal = 0;
    try (var capture = new Capture(config, database.password())) {
      while (!stopping.getAsBoolean()) {
        if (full.getAsBoolean()) {
          Thread.sleep(POLL_MILLIS);
          continue;
        }
        Batch batch = capture.poll(POLL_MILLIS);
        if (batch == null) {
          continue;
        }
        if (first) {
          first = false;
          // Were the slot dropped since it was looked at, the engine would have made another.
          positions.require(database.look());
          reads();
        }
        take(batch, sink);
      }
    }
  }

  private void reads() {
    waiting = false;
    toldCause = "";
    LOG.atInfo()
        .addKeyValue("table", config.schema() + "." + config.table())
        .addKeyValue("slot", config.slot())
        .log("The bank's outbox is read.");
  }

  /** Hands all rows over, and then settles the changes in their order. */
  private void take(Batch batch, Sink sink) throws InterruptedException {
    List<Handed> handed = new ArrayList<>();
    for (Change change : batch.changes()) {
      var row = new Handed();
      handed.add(row);
      if (change.row() == null || positions.isKnown(change.row(), count(change.row()))) {
        row.durable();
      } else {
        sink.take(record(change.row(), change.mark()), row);
      }
    }
    for (int i = 0; i < handed.size(); i++) {
      if (!awaitDurable(handed.get(i))) {
        return;
      }
      Change change = batch.changes().get(i);
      if (change.row() == null) {
        positions.skip(change.mark());
      }
      batch.settle();
    }
  }

  private boolean awaitDurable(Handed row) throws InterruptedException {
    while (!row.durable.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      if (stopping.getAsBoolean()) {
        return row.durable.await(LAST_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
    return true;
  }

  /** How many rows with this one have come from its place in the log. */
  private long count(Change.Row row) {
    boolean same = ordinal > 0 && row.transaction == transaction && row.lsn == lsn;
    transaction = row.transaction;
    lsn = row.lsn;
    ordinal = same ? ordinal + 1 : 1;
    return ordinal;
  }

  private SourceRecord record(Change.Row row, long mark) {
    Place place = Place.of(config.schema() + "." + config.table() + "#" + row.id);
    return read(row.payload, place).with(positions.after(row, ordinal, mark));
  }

  private SourceRecord read(@Nullable String payload, Place place) {
    if (payload == null) {
      return new SourceRecord(place, new byte[0], List.of(), Problem.of(Code.CDT_380, place), null);
    }
    byte[] body = payload.getBytes(StandardCharsets.UTF_8);
    if (body.length > DeadLetter.RAW_BYTES_MAX) {
      String reason = "The payload is longer than " + DeadLetter.RAW_BYTES_MAX + " bytes.";
      var problem = new Problem(Code.CDT_304, place, reason, "Insert one transaction in a row.");
      return new SourceRecord(place, body, List.of(), problem, null);
    }
    return config.format().read(body, place);
  }

  /** A row that others have. */
  private static final class Handed implements Acknowledgement {
    final CountDownLatch durable = new CountDownLatch(1);

    @Override
    public void decided(Outcome outcome) {}

    @Override
    public void durable() {
      durable.countDown();
    }
  }
}
