package org.concordat.agent.publish;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.concordat.agent.encode.Spooler;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.Scored;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Learns from topic {@code cuts} which of the bank's blocks were scored or skipped.
 *
 * <p>A cut is a fact when two aggregators signed the same one: a single one can neither make the
 * bank drop a block nor send it again. Belongs to the thread that reads the topic.
 */
public final class CutLedger {
  /** Batches of a partition that one aggregator's word stands for; more are left out. */
  static final int OPEN_BATCHES_MAX = 1024;

  /**
   * Batches that aggregators may be apart, and room: where two stand further on, the third's word
   * on a batch doesn't come any more.
   */
  static final int BATCHES_APART_MAX = 64;

  /**
   * Records of a partition that may be read again after a kill: batches without blocks of the bank
   * come by the second, and each group of the store waits for the disk.
   */
  static final int READ_AGAIN_MAX = 256;

  private static final int AGREEING = 2;
  private static final Logger LOG = LoggerFactory.getLogger(CutLedger.class);

  /** Told of what cuts came to. */
  @FunctionalInterface
  public interface Listener {
    /** Tallies have changed. */
    void counted();

    /** Rows were scored so long after their acceptance. */
    default void scored(int rows, Duration delay) {}
  }

  /** By aggregator: what it claims of one batch, and where it did so first. */
  private static final class Claims {
    final Map<String, Id> hashes = new HashMap<>();

    /** Those that were there before the bank sent anything. */
    final Map<String, Id> early = new HashMap<>();

    final Map<String, Long> offsets = new HashMap<>();
  }

  /** One partition of the topic. */
  private static final class Reading {
    long readBelow;
    final TreeSet<Long> unresolved = new TreeSet<>();

    long resume() {
      return unresolved.isEmpty() ? readBelow : unresolved.first();
    }
  }

  private final Charter charter;
  private final String bank;
  private final AgentStore store;
  private final Spooler spooler;
  private final CatchUp catchUp;
  private final LongSupplier millisClock;
  private final Duration scoreDelayMax;
  private final Listener listener;
  private final Map<Integer, TreeMap<Long, Claims>> open = new HashMap<>();
  private final Map<Integer, Long> resolvedBelow = new HashMap<>();
  private final Map<Integer, Reading> readings = new HashMap<>();
  private final BadRecordLines badRecords = new BadRecordLines("cuts", System::nanoTime);

  /**
   * @param scoreDelayMax within which a row counts as scored in time
   */
  public CutLedger(
      Charter charter,
      String bank,
      AgentStore store,
      Spooler spooler,
      CatchUp catchUp,
      LongSupplier millisClock,
      Duration scoreDelayMax,
      Listener listener) {
    this.charter = charter;
    this.bank = bank;
    this.store = store;
    this.spooler = spooler;
    this.catchUp = catchUp;
    this.millisClock = millisClock;
    this.scoreDelayMax = scoreDelayMax;
    this.listener = listener;
  }

  private static String offsetName(int busPartition) {
    return "cuts/offset/" + busPartition;
  }

  private static String batchName(int partition) {
    return "cuts/batch/" + partition;
  }

  /** The offset of the topic to go on from; nothing where it was never read. */
  public Optional<Long> start(int busPartition) {
    return store.counter(offsetName(busPartition));
  }

  /**
   * Takes a record of topic {@code cuts}.
   *
   * @param value null where somebody wrote a record without one
   */
  public void record(int busPartition, long offset, byte @Nullable [] value)
      throws InterruptedException {
    Reading reading = readings.computeIfAbsent(busPartition, p -> new Reading());
    reading.readBelow = offset + 1;
    badRecords.tick();
    CutRecord cut = verified(busPartition, offset, value).orElse(null);
    if (cut == null || cut.getBatch() < resolvedBelow(busPartition)) {
      return;
    }
    var batches = open.computeIfAbsent(cut.getPartition(), p -> new TreeMap<>());
    if (!batches.containsKey(cut.getBatch()) && isFull(batches, cut.getAggregator())) {
      if (badRecords.mayTell()) {
        at(busPartition, offset)
            .addKeyValue("aggregator", cut.getAggregator())
            .addKeyValue("batch", cut.getBatch())
            .log("Too many cuts that nobody else has signed.");
      }
      return;
    }
    Claims claims = batches.computeIfAbsent(cut.getBatch(), b -> new Claims());
    Id hash = Id.of(cut.getCut().bytes());
    claims.hashes.put(cut.getAggregator(), hash);
    if (!catchUp.isDone(cut.getPartition())) {
      claims.early.put(cut.getAggregator(), hash);
    }
    // What comes behind it is read again with it: who says it a million times adds nothing.
    if (claims.offsets.putIfAbsent(cut.getAggregator(), offset) == null) {
      reading.unresolved.add(offset);
    }
    long agreeing = claims.hashes.values().stream().filter(hash::equals).count();
    if (agreeing >= AGREEING) {
      settle(cut, claims, reading);
    }
  }

  /** Counted by aggregator: one that signs what nobody else does can't keep the others out. */
  private static boolean isFull(TreeMap<Long, Claims> batches, String aggregator) {
    return batches.values().stream().filter(c -> c.hashes.containsKey(aggregator)).count()
        >= OPEN_BATCHES_MAX;
  }

  /** All of the topic before an offset is taken. */
  public void reached(int busPartition, long offset) {
    Reading reading = readings.computeIfAbsent(busPartition, p -> new Reading());
    reading.readBelow = offset;
    if (!start(busPartition).equals(Optional.of(reading.resume()))) {
      var group = new StoreGroup();
      progress(group);
      store.commit(group);
    }
  }

  /** What these partitions held when the topic was last begun with is taken. */
  public void caughtUp(Set<Integer> busPartitions) {
    catchUp.done(busPartitions);
  }

  /**
   * Records of the topic are gone; the agent goes on. What they said of the bank's blocks, scored
   * or skipped, can't be known: to count those as scored could lose rows, to send them again could
   * double some. So they stay in the spool as unscored, where they are seen, until a person
   * decides; all other blocks are settled as ever.
   */
  public void lost(int busPartition) {
    readings.remove(busPartition);
    // What was claimed stands; where that is read again, it is to be kept as if for the first time.
    open.getOrDefault(busPartition, new TreeMap<>()).values().forEach(c -> c.offsets.clear());
  }

  /** How many records of a partition are kept in mind as such to be read again. */
  int unresolved(int busPartition) {
    Reading reading = readings.get(busPartition);
    return reading == null ? 0 : reading.unresolved.size();
  }

  private long resolvedBelow(int partition) {
    return resolvedBelow.computeIfAbsent(partition, p -> store.counter(batchName(p)).orElse(0L));
  }

  /** What is kept is kept by partition: a signer can't make up more of them than the topic has. */
  private Optional<CutRecord> verified(int busPartition, long offset, byte @Nullable [] value) {
    try {
      CutRecord cut = RecordCodec.decode(CutRecord.class, value);
      if (ScoredSpans.of(cut).isEmpty()) {
        if (badRecords.mayTell()) {
          at(busPartition, offset).log("A cut's entries and skips don't fit together.");
        }
        return Optional.empty();
      }
      for (var aggregator : charter.aggregators()) {
        if (aggregator.name().equals(cut.getAggregator())
            && cut.getCharter().equals(charter.hash())
            && cut.getPartition() == busPartition
            && cut.getCut().equals(CutHashes.cut(cut))
            && Signed.verify(cut, aggregator.verifyingKey())) {
          return Optional.of(cut);
        }
      }
      if (badRecords.mayTell()) {
        at(busPartition, offset)
            .log("A cut isn't signed by an aggregator of the charter for this partition.");
      }
    } catch (MalformedRecordException e) {
      if (badRecords.mayTell()) {
        at(busPartition, offset).log("A record of the cut topic isn't readable.");
      }
    }
    return Optional.empty();
  }

  private static LoggingEventBuilder at(int busPartition, long offset) {
    return LOG.atWarn().addKeyValue("partition", busPartition).addKeyValue("offset", offset);
  }

  private void settle(CutRecord cut, Claims claims, Reading reading) throws InterruptedException {
    int partition = cut.getPartition();
    requireNewest(cut, claims);
    List<Skip> skips = cut.getSkips().stream().filter(skip -> skip.getBank().equals(bank)).toList();
    // First: once the offset is stored, this cut isn't read again.
    for (Skip skip : skips) {
      for (var block : store.unscored(partition, skip.getSequence(), skip.getNextSequence())) {
        if (Thread.interrupted()) {
          // A long range takes long, and goes on at the next start.
          throw new InterruptedException();
        }
        spooler.resubmit(block.position(), skip.getReason(), millisClock.getAsLong());
      }
    }
    var group = new StoreGroup();
    score(group, cut);
    close(cut, claims);
    // What changes nothing of the bank's is found to be settled when it is read again.
    if (!skips.isEmpty() || isNamed(cut) || isBehind(partition, reading)) {
      progress(group);
      store.commit(group);
      listener.counted();
    }
  }

  private boolean isNamed(CutRecord cut) {
    return cut.getEntries().stream().anyMatch(entry -> entry.getBank().equals(bank));
  }

  private boolean isBehind(int busPartition, Reading reading) {
    return reading.resume() - start(busPartition).orElse(0L) >= READ_AGAIN_MAX;
  }

  /** Where to go on, and the batches that need no more words. */
  private void progress(StoreGroup group) {
    resolvedBelow.forEach((partition, below) -> group.counter(batchName(partition), below));
    readings.forEach(
        (busPartition, reading) -> group.counter(offsetName(busPartition), reading.resume()));
  }

  /** An older data folder would send rows again under sequences that are used up. */
  private void requireNewest(CutRecord cut, Claims claims) {
    int partition = cut.getPartition();
    boolean isEarly = claims.early.containsValue(Id.of(cut.getCut().bytes()));
    long next = isEarly ? catchUp.unsentFrom(partition) : store.nextSequence(partition);
    boolean isNewest =
        cut.getEntries().stream()
            .filter(entry -> entry.getBank().equals(bank))
            .allMatch(entry -> entry.getNextSequence() <= next);
    if (!isNewest) {
      throw new InvalidInputException(List.of(Problem.of(Code.CDT_359, Place.of("data"))));
    }
  }

  private void score(StoreGroup group, CutRecord cut) {
    int partition = cut.getPartition();
    long nowMillis = millisClock.getAsLong();
    var scored = new Scored(cut.getBatch(), cut.getCommittedMillis(), nowMillis);
    for (var span : ScoredSpans.of(cut).orElseThrow().getOrDefault(bank, List.of())) {
      for (var block : store.unscored(partition, span.first(), span.next())) {
        group.scored(block.position(), scored);
        group.count(Tally.of(Tally.Outcome.SCORED), block.rows());
        long delayMillis = Math.max(0, nowMillis - block.acceptedMillis());
        if (delayMillis <= scoreDelayMax.toMillis()) {
          group.count(Tally.SCORED_IN_TIME, block.rows());
        }
        listener.scored(block.rows(), Duration.ofMillis(delayMillis));
      }
    }
  }

  /** This batch, and those before it, need no more words. */
  private void close(CutRecord cut, Claims claims) {
    int partition = cut.getPartition();
    TreeMap<Long, Claims> batches = open.get(partition);
    if (batches != null) {
      batches.remove(cut.getBatch());
      // Words on them are gone, and what is left would keep the ledger from closing any batch.
      var alone = batches.headMap(cut.getBatch() - BATCHES_APART_MAX);
      alone.values().forEach(other -> resolved(partition, other));
      alone.clear();
      if (batches.isEmpty() || batches.firstKey() > cut.getBatch()) {
        resolvedBelow.put(partition, cut.getBatch() + 1);
      }
    }
    resolved(partition, claims);
  }

  private void resolved(int partition, Claims claims) {
    Reading reading = readings.get(partition);
    if (reading != null) {
      reading.unresolved.removeAll(claims.offsets.values());
    }
  }
}
