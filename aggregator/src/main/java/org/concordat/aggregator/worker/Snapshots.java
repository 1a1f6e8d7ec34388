package org.concordat.aggregator.worker;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.rules.link.LinkSweep;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.PreparedContent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what an epoch remembers written now and then, beside the batches, so that a start remembers
 * the rows since alone: it takes as long as there are entities, however many rows the epoch has.
 *
 * <p>A snapshot begins between two commits and is written in steps, some records for each row that
 * is committed meanwhile; a record that a batch changes before its turn is written before it
 * changes. Pages go to a topic of their own, sealed like all that is written. Batches that are
 * derived once all are durable name the snapshot in the state that they commit, and a start reads
 * no other: what is before its parts is deleted as the next one begins. One that can't be written,
 * or for which the brokers are too slow, is given up, and told; no batch waits for one.
 *
 * <p>Not safe for several threads, but for {@link #reached} and {@link #stop}. Prints nothing of
 * what is remembered.
 */
final class Snapshots {
  /** Rows between snapshots, and no fewer than half as many as entities. */
  static final long ROWS_MIN = 1 << 18;

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  /** More than a row changes, so that a snapshot comes to its end. */
  private static final long RECORDS_PER_ROW = 16;

  /** Records between two looks at how long it takes, and how many parts wait. */
  private static final int RECORDS_PER_STEP = 256;

  /** What a commit may take longer for it: a 20th of the time since the one before, in bounds. */
  private static final long COMMITS_PART = 20;

  private static final long COMMIT_NANOS_LEAST = TimeUnit.MILLISECONDS.toNanos(25);
  private static final long COMMIT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(250);

  /**
   * Parts, 128 KiB each, beyond which a sweep waits for the brokers: 8 MiB. Records that change are
   * written all the same.
   */
  private static final int WAITING_MAX = 64;

  /** A snapshot on its way. */
  private static final class Run {
    private final EpochMemory epoch;
    private final SnapshotWriter writer;
    private @Nullable LinkSweep sweep;
    private boolean isSwept;
    private long batch;
    private long rows;
    private List<String> banks = List.of();
    private long steppedNanos = System.nanoTime();

    Run(EpochMemory epoch, SnapshotWriter writer) {
      this.epoch = epoch;
      this.writer = writer;
    }
  }

  private final long rowsMin;
  private final BankIndexes banks;
  private final LinkLog log;
  private volatile @Nullable Run run;
  private volatile boolean isStopped;
  private volatile long reached;

  /** Offset of the first part that a start may read; 0 if it isn't known. */
  private long readFrom;

  /**
   * @param rowsMin between snapshots
   * @param reached an offset of the topic, before which no epoch begins from now on
   */
  Snapshots(long rowsMin, BankIndexes banks, LinkLog log, long reached) {
    this.rowsMin = rowsMin;
    this.banks = banks;
    this.log = log;
    this.reached = reached;
  }

  LinkLog log() {
    return log;
  }

  /** An offset that the topic has reached; what is written from now on isn't before it. */
  long reached() {
    return reached;
  }

  /**
   * Goes on with a snapshot, or begins one, after a batch's commit.
   *
   * @param content what is committed, also whichever snapshot a start from now on goes on from
   * @param rows of the batch
   * @param settled runs what it is given while no batch is derived that isn't committed
   */
  void committed(EpochMemory epoch, PreparedContent content, int rows, Consumer<Runnable> settled) {
    CutRecord cut = content.getCut();
    LinkSnapshot named = content.getLinkage().getSnapshot();
    if (named != null) {
      readFrom = named.getFirstPartOffset();
    }
    epoch.rowsSince += rows;
    Run of = run;
    if (of != null && of.epoch != epoch) {
      end();
    } else if (of != null) {
      goOn(of, cut, rows, settled);
    }
    if (run == null && !isStopped && isDue(epoch)) {
      run = new Run(epoch, new SnapshotWriter(log, cut, readFrom));
    }
  }

  private boolean isDue(EpochMemory epoch) {
    long wanted = Math.max(rowsMin, epoch.state.counters().entities() / 2);
    return epoch.rowsSince >= Math.max(epoch.snapshotAt, wanted);
  }

  private void goOn(Run of, CutRecord cut, int rows, Consumer<Runnable> settled) {
    if (of.writer.hasFailed()) {
      end();
      of.epoch.snapshotAt = of.epoch.rowsSince + rowsMin;
    } else if (of.writer.isWritten()) {
      stand(of, cut);
    } else if (of.sweep == null) {
      if (of.writer.firstOffset() >= 0) {
        reached = of.writer.firstOffset();
        settled.accept(() -> begin(of, cut));
      }
    } else if (!of.isSwept) {
      sweep(of, of.sweep, rows);
    }
  }

  private void begin(Run of, CutRecord last) {
    of.batch = last.getBatch();
    of.rows = of.epoch.rowsSince;
    of.banks = banks.names();
    LinkRecords.alerted(of.epoch.alerted.all()).forEach(of.writer::add);
    of.sweep = of.epoch.state.sweep(of.writer::add);
  }

  private static void sweep(Run of, LinkSweep sweep, int rows) {
    long began = System.nanoTime();
    long part = (began - of.steppedNanos) / COMMITS_PART;
    long nanosMax = Math.clamp(part, COMMIT_NANOS_LEAST, COMMIT_NANOS_MAX);
    of.steppedNanos = began;
    for (long left = rows * RECORDS_PER_ROW;
        left > 0 && of.writer.waiting() < WAITING_MAX && System.nanoTime() - began < nanosMax;
        left -= RECORDS_PER_STEP) {
      if (sweep.on(RECORDS_PER_STEP)) {
        of.isSwept = true;
        of.writer.end();
        return;
      }
    }
  }

  /** Batches that are derived from now on name it. */
  private void stand(Run of, CutRecord cut) {
    of.epoch.snapshot =
        new LinkSnapshot(
            LinkSweep.FORMAT,
            of.writer.id(),
            of.batch,
            of.writer.firstOffset(),
            of.writer.firstPartOffset(),
            of.writer.parts(),
            of.banks,
            banks.members());
    of.epoch.rowsSince -= of.rows;
    of.epoch.snapshotAt = 0;
    run = null;
    LOG.atInfo()
        .addKeyValue("partition", cut.getPartition())
        .addKeyValue("batch", of.batch)
        .addKeyValue("parts", of.writer.parts())
        .addKeyValue("rowsSince", of.epoch.rowsSince)
        .log("A snapshot of linked entities is written.");
  }

  /** What is on its way is given up. */
  void end() {
    Run of = run;
    if (of != null) {
      of.writer.giveUp();
      if (of.sweep != null) {
        of.sweep.giveUp();
      }
      run = null;
    }
  }

  /** None is written any more. By any thread; what is swept is dropped at the next commit. */
  void stop() {
    isStopped = true;
    Run of = run;
    if (of != null) {
      of.writer.giveUp();
    }
  }

  @Override
  public String toString() {
    return "Snapshots[isOnItsWay=" + (run != null) + "]";
  }
}
