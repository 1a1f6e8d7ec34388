package org.concordat.agent.encode;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.JournalBlock;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.SpooledBlock;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.StoreLimits;
import org.concordat.agent.store.Tally;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.process.LogMinute;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.seal.BlockContent;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals closed units and makes them durable, several in one synchronous write; only then are they
 * shown to the publisher. The one place that gives out sequences.
 */
public final class Spooler {
  /** Rows of a skipped block are sent again this often at least. */
  public static final int ATTEMPTS_MAX = 3;

  /**
   * Since they were first skipped rows are sent again for so long, however often, where an accuser
   * hasn't seen the block or its session: it may be cut off from a topic that the others can read.
   */
  public static final Duration UNSEEN_MAX = Duration.ofDays(1);

  private static final Set<String> UNSEEN = Set.of(Code.CDT_412.label(), Code.CDT_601.label());

  private static final Logger LOG = LoggerFactory.getLogger(Spooler.class);
  private static final long TAKE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long ROOM_MILLIS = 20;

  /** Counts blocks in the order in which their rows were accepted. */
  private static final String ORDER = "order";

  /** What the spooler needs of the rest of the agent. */
  public interface Surroundings {
    /** Whether all that was spooled for a partition is acknowledged by the brokers. */
    boolean idle(int partition);

    /** A block is durable and may be published. */
    void spooled(BlockPosition position);

    /** Anything that was counted changed. */
    void counted();
  }

  private final AgentStore store;
  private final BlockFormat format;
  private final SealingSessions sessions;
  private final BlockBuilder builder;
  private final SeenRows seen;
  private final Surroundings surroundings;
  private final SecureRandom random;
  private LogMinute skips = new LogMinute(System.nanoTime());
  private long watermarkMinute = Long.MIN_VALUE;
  private volatile boolean stopping;

  public Spooler(
      AgentStore store,
      BlockFormat format,
      SealingSessions sessions,
      BlockBuilder builder,
      SeenRows seen,
      Surroundings surroundings,
      SecureRandom random) {
    this.store = store;
    this.format = format;
    this.sessions = sessions;
    this.builder = builder;
    this.seen = seen;
    this.surroundings = surroundings;
    this.random = random;
  }

  /** Works until the builder is drained or the thread is interrupted. */
  public void run() throws InterruptedException {
    IntPredicate idle = surroundings::idle;
    if (!diskLacks(0)) {
      // Before there is a row that would wait for it. With no room at all, rows are to wait.
      sessions.prepare();
    }
    while (!builder.drained()) {
      List<Unit> units = builder.take(idle, TAKE_NANOS);
      if (units.isEmpty()) {
        continue;
      }
      if (!awaitRoom(units)) {
        return;
      }
      commit(units);
      builder.spooled(units);
    }
  }

  /** Gives up waiting for room: what isn't durable will be read again after a restart. */
  public void stop() {
    stopping = true;
  }

  private boolean awaitRoom(List<Unit> units) throws InterruptedException {
    ShareLayout layout = format.layout();
    long bytes = 0;
    int blocks = 0;
    for (Unit unit : units) {
      if (!unit.rows.isEmpty()) {
        blocks++;
        bytes += sessions.aggregators() * BlockRows.payloadBytes(layout, unit.rows.size());
      }
    }
    while (spoolLacks(bytes, blocks) || diskLacks(bytes)) {
      if (stopping) {
        return false;
      }
      Thread.sleep(ROOM_MILLIS);
    }
    return true;
  }

  /** An empty spool takes any blocks. */
  private boolean spoolLacks(long bytes, int blocks) {
    StoreLimits limits = store.limits();
    int before = store.unscoredBlocks();
    return blocks > 0
        && before > 0
        && (store.spoolBytes() > limits.spoolBytesMax() - bytes
            || before > limits.spoolBlocksMax() - blocks);
  }

  /** Holds back whatever was read: what is refused or known is noted on the disk, too. */
  private boolean diskLacks(long bytes) {
    return store.diskBytes() + bytes > store.limits().diskBytesMax();
  }

  /**
   * Makes units durable. Sealing waits while an aggregator's last key is too old, or it has none.
   */
  void commit(List<Unit> units) throws InterruptedException {
    // Before the lock, which others may wait for.
    sessions.awaitKeys();
    var spooled = new ArrayList<BlockPosition>();
    synchronized (this) {
      // Not before it: another commit could open sessions, and forget these as if none used them.
      var sealing = sessions.current();
      var group = new StoreGroup();
      Map<Integer, Long> sequences = new HashMap<>();
      long order = store.counter(ORDER).orElse(0L);
      for (Unit unit : units) {
        if (!unit.rows.isEmpty()) {
          if (unit.order == null) {
            unit.order = order++;
          }
          long sequence =
              sequences.getOrDefault(unit.partition, store.nextSequence(unit.partition));
          sequences.put(unit.partition, sequence + 1);
          var position = new BlockPosition(unit.partition, sequence);
          spool(group, unit, position, sealing);
          spooled.add(position);
        }
        unit.letters.forEach(group::deadLetter);
        unit.references.forEach(group::reference);
        unit.histories.forEach(history -> history.addTo(group));
        unit.tallies.forEach(group::count);
        if (unit.replaces != null) {
          group.drop(unit.replaces);
        }
        unit.bookmarks.values().forEach(bookmark -> bookmark.change().accept(group));
      }
      group.counter(ORDER, order);
      store.commit(group);
    }
    spooled.forEach(surroundings::spooled);
    units.forEach(unit -> seen.durable(unit.rows));
    units.forEach(unit -> unit.histories.forEach(KeptHistory.Change::durable));
    surroundings.counted();
    units.forEach(unit -> unit.acknowledgements.forEach(Spooler::tell));
  }

  /** Whoever can't be told any more, since the API is closed first, keeps no other from it. */
  private static void tell(Acknowledgement acknowledgement) {
    try {
      acknowledgement.durable();
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("The API was closed before a caller was told.");
    }
  }

  private void spool(
      StoreGroup group, Unit unit, BlockPosition position, SealingSessions.Current sealing) {
    List<JournalRow> rows = unit.rows;
    ShareLayout layout = format.layout();
    long[] eventMinutes = rows.stream().mapToLong(JournalRow::eventMinute).toArray();
    long watermark = watermark(unit.kind, eventMinutes);
    var components =
        Rep3Sharing.split(
            layout,
            BlockRows.words(layout, rows),
            rows.size(),
            (int) (position.sequence() % 3),
            random);
    List<Block> blocks =
        sealing
            .sealer()
            .seal(
                new BlockContent(
                    position.partition(),
                    position.sequence(),
                    unit.kind,
                    format.contract(),
                    format.contractVersion(),
                    format.contractHash(),
                    rows.size(),
                    eventMinutes,
                    watermark,
                    BlockRows.transactionIds(rows),
                    components));
    List<byte[]> copies = blocks.stream().map(RecordCodec::encode).toList();
    long bytes = copies.stream().mapToLong(copy -> copy.length).sum();
    var journal =
        new JournalBlock(
            position,
            unit.kind,
            Objects.requireNonNull(unit.order),
            format.contractVersion(),
            rows);
    group.spool(
        new SpooledBlock(
            position,
            rows.size(),
            bytes,
            journal.acceptedMillis(),
            sealing.session(),
            unit.attempt,
            unit.skippedMillis),
        copies,
        journal);
  }

  /** History promises nothing of the live rows that follow it. */
  private long watermark(RecordKind kind, long[] eventMinutes) {
    if (kind == RecordKind.HISTORY) {
      long oldest = Arrays.stream(eventMinutes).min().orElse(0);
      return watermarkMinute == Long.MIN_VALUE ? oldest : watermarkMinute;
    }
    for (long minute : eventMinutes) {
      watermarkMinute = Math.max(watermarkMinute, minute);
    }
    return watermarkMinute;
  }

  /**
   * Sends the rows of a skipped block again, in a block with a sequence of its own, or gives them
   * up to the dead letters: where they were skipped too often, or are laid out by a contract that
   * isn't this agent's any more. A block that was replaced before a restart is left alone.
   *
   * @param reason of the skip, one of its accusers'. Where the session wasn't valid its key may be
   *     gone: if the session is still in use, waits for keys in force, or all attempts would be
   *     made under one that is gone
   */
  public void resubmit(BlockPosition skipped, String reason, long nowMillis)
      throws InterruptedException {
    var block = store.unscored(skipped).orElse(null);
    if (block == null) {
      return;
    }
    JournalBlock journal =
        store
            .journal(skipped)
            .orElseThrow(() -> new IllegalStateException("A spooled block has no journal."));
    var unit = new Unit(skipped.partition(), 0);
    unit.replaces = skipped;
    unit.count(Tally.of(Tally.Outcome.SKIPPED), block.rows());
    Consumer<Code> log =
        code ->
            LOG.atWarn()
                .addKeyValue("code", code.label())
                .addKeyValue("partition", skipped.partition())
                .addKeyValue("sequence", skipped.sequence())
                .addKeyValue("rows", block.rows())
                .addKeyValue("attempt", block.attempt())
                .log("A block was skipped.");
    long skippedMillis = block.skippedMillis() == 0 ? nowMillis : block.skippedMillis();
    boolean mayBeSeen =
        UNSEEN.contains(reason) && nowMillis - skippedMillis < UNSEEN_MAX.toMillis();
    boolean isTooOften = block.attempt() + 1 > ATTEMPTS_MAX && !mayBeSeen;
    if (isTooOften || !isOfThisContract(skipped)) {
      log.accept(Code.CDT_356);
      for (JournalRow row : journal.rows()) {
        unit.letters.add(givenUp(row, nowMillis));
      }
    } else {
      if (mayTellSkip()) {
        log.accept(Code.CDT_358);
      }
      unit.kind = journal.kind();
      unit.order = journal.order();
      unit.rows.addAll(journal.rows());
      unit.attempt = mayBeSeen ? Math.max(1, block.attempt()) : block.attempt() + 1;
      unit.skippedMillis = skippedMillis;
      unit.count(Tally.of(Tally.Outcome.RESUBMITTED), block.rows());
      if (reason.equals(Code.CDT_412.label())) {
        sessions.awaitOther(block.session());
      }
    }
    commit(List.of(unit));
  }

  /** Whether a block names the contract that the next one will: by all that aggregators compare. */
  private boolean isOfThisContract(BlockPosition position) {
    byte[] copy =
        store
            .copy(position, 0)
            .orElseThrow(() -> new IllegalStateException("A spooled block has no copy."));
    ByteBuffer encoded = RecordCodec.decode(Block.class, copy).getHeader().getCore();
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    BlockCore core = RecordCodec.decode(BlockCore.class, bytes);
    return core.getContract().equals(format.contract())
        && core.getContractVersion() == format.contractVersion()
        && Arrays.equals(core.getContractHash().bytes(), format.contractHash());
  }

  /** Whether there is a line left: a bank's blocks may be skipped by the hundred, for a day. */
  private boolean mayTellSkip() {
    long nanos = System.nanoTime();
    if (skips.isOver(nanos)) {
      if (skips.untold() > 0) {
        LOG.atWarn()
            .addKeyValue("code", Code.CDT_358.label())
            .addKeyValue("blocks", skips.untold())
            .log("More blocks were skipped within a minute.");
      }
      skips = new LogMinute(nanos);
    }
    return skips.mayTell();
  }

  private DeadLetter givenUp(JournalRow row, long nowMillis) {
    byte[] reference = row.reference().getBytes(StandardCharsets.UTF_8);
    return new DeadLetter(
        Place.of("journal"),
        Code.CDT_356,
        Code.CDT_356.cause(),
        Code.CDT_356.fix(),
        reference,
        nowMillis);
  }
}
