package org.concordat.aggregator.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.evaluate.BankStage;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.CarryStage;
import org.concordat.aggregator.evaluate.HiddenMatching;
import org.concordat.aggregator.evaluate.LinkageKey;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.evaluate.Tokens;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkMemory;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkState;
import org.concordat.rules.link.Member;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.PreparedContent;
import org.jspecify.annotations.Nullable;

/**
 * What a partition remembers of the entities of its records, and the key under which they have
 * pseudonyms, both for an epoch.
 *
 * <p>Batches are begun and derived in their order, and several may be derived before the first is
 * committed. Beginning a batch anew undoes it and all behind it. A new epoch begins with a new key
 * at its first batch that has rows, and with an empty memory or, where the rule set says so, with
 * what it is handed of the one before, see {@link CarryStage}: that is part of the batch, and
 * computed anew by another attempt. The key before is overwritten when that batch is committed.
 *
 * <p>All parties compare epoch, key and what is public of the derived columns before anything that
 * depends on them is computed: one that has lost or rolled back its log is found. Safe for several
 * threads. Prints no pseudonym, key or value.
 */
final class Linkage {
  private static final int HELD = 2;
  private static final long NONE = -1;

  /**
   * A batch that was derived and isn't committed.
   *
   * @param cutShort searches of it that ended early
   * @param sent by rule, the places of the records that it alerts, once they are known
   */
  private record Pending(
      EpochMemory epoch, CutRecord cut, LinkRows rows, long cutShort, Map<String, Set<Long>> sent) {
    void again() {
      epoch.state.again(rows, cutShort);
    }
  }

  /** What a batch gets of earlier ones, and what it adds. */
  record Derivation(LinkColumns columns, LinkageEpoch epoch, LinkDelta delta) {
    @Override
    public String toString() {
      return "Derivation[firstBatch=" + epoch.getFirstBatch() + "]";
    }
  }

  /** One attempt of a batch. */
  final class Attempt {
    private final CutRecord cut;
    private final CompletableFuture<Boolean> previous;
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private boolean undone;

    private Attempt(CutRecord cut, CompletableFuture<Boolean> previous) {
      this.cut = cut;
      this.previous = previous;
    }

    /** The batch has no rows. */
    void skip() {
      previous.join();
      ended.complete(true);
    }

    /**
     * Runs the token stage and derives the batch's columns, once the batch before is derived.
     *
     * @param blocks of the batch, at least one
     * @param shares of the same blocks
     * @throws CancellationException the batch was begun anew meanwhile
     * @throws TooManyPairsException fewer blocks have to do, at all parties
     */
    Derivation derive(Suite suite, Steps steps, List<BlockFacts> blocks, List<BlockShares> shares) {
      previous.join();
      Derivation derivation = Linkage.this.derive(this, suite, steps, blocks, shares);
      ended.complete(true);
      return derivation;
    }

    /**
     * Chooses the earlier records that the batch's flags alert; the batch before has chosen.
     *
     * @param by the plan that the batch is scored by; it links what this one was made for
     * @param flags that were opened, in the order of rows
     */
    MemberAlerts members(
        Plan by, Derivation derivation, List<MemberAlerts.Flag> flags, MemberBudget budget) {
      return Linkage.this.members(this, by, derivation, flags, budget);
    }
  }

  private final Plan plan;
  private final Digest shape;
  private final LinkSpec spec;
  private final TokenStage stage;
  private final @Nullable HiddenMatching matching;
  private final @Nullable CarryStage carryStage;
  private final int epochDays;
  private final long snapshotRows;
  private final BankIndexes banks;
  private final List<String> members;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private final List<Attempt> attempts = new ArrayList<>();
  private final HandedTables handed = new HandedTables();
  private volatile @Nullable Snapshots snapshots;
  private @Nullable EpochMemory committed;
  private long lastBatch = NONE;
  private LinkState.Counters replayed = new LinkState.Counters(0, 0, 0, 0, 0, 0);
  private volatile LinkageCounts counts = LinkageCounts.NONE;

  /**
   * @param banks the charter's, in an order that is the same at all parties
   * @param epochDays of the charter
   */
  Linkage(Plan plan, TokenStage stage, List<String> banks, int epochDays) {
    this(plan, stage, banks, epochDays, LinkSpec.Hidden.BATCH_PAIRS_MAX, Snapshots.ROWS_MIN);
  }

  /**
   * @param pairsMax that a batch of several blocks compares
   * @param snapshotRows between snapshots, at least
   */
  Linkage(
      Plan plan,
      TokenStage stage,
      List<String> banks,
      int epochDays,
      long pairsMax,
      long snapshotRows) {
    this.plan = plan;
    this.spec = plan.link().orElseThrow();
    this.shape = LinkDigests.shape(plan, epochDays, banks);
    this.members = List.copyOf(banks);
    this.banks = new BankIndexes(banks);
    this.stage = stage;
    this.matching = spec.hidden().isPresent() ? new HiddenMatching(spec, pairsMax) : null;
    this.carryStage = spec.carried() ? new CarryStage(spec.linkageBits()) : null;
    this.epochDays = epochDays;
    this.snapshotRows = snapshotRows;
  }

  /** Begins a batch, or begins it anew; what was derived of it and of those behind it is undone. */
  synchronized Attempt begin(CutRecord cut) {
    long batch = cut.getBatch();
    attempts.removeIf(
        attempt -> {
          attempt.undone |= attempt.cut.getBatch() >= batch;
          // Wakes the batch behind it, which is undone too.
          return attempt.undone && (attempt.ended.cancel(false) || attempt.ended.isDone());
        });
    undoFrom(batch);
    CompletableFuture<Boolean> previous =
        attempts.isEmpty() ? CompletableFuture.completedFuture(true) : attempts.getLast().ended;
    var attempt = new Attempt(cut, previous);
    attempts.add(attempt);
    return attempt;
  }

  private void undoFrom(long batch) {
    if (pending.isEmpty() || pending.getLast().cut.getBatch() < batch) {
      return;
    }
    withoutPending(() -> pending.removeIf(undone -> undone.cut.getBatch() >= batch));
  }

  private @Nullable EpochMemory latest() {
    return pending.isEmpty() ? committed : pending.getLast().epoch;
  }

  private synchronized @Nullable EpochMemory epochOf(Attempt attempt) {
    requireLive(attempt);
    EpochMemory latest = latest();
    return latest != null && latest.number >= number(attempt.cut) ? latest : null;
  }

  /** What the epoch before hands on to the one that the batch begins; a copy. */
  private synchronized List<CarriedRows> carry(Attempt attempt, Suite suite) {
    requireLive(attempt);
    EpochMemory before = latest();
    long day = attempt.cut.getCommitDay();
    if (before == null || !LinkState.isCarried(spec, before.number, epochDays, day)) {
      return List.of();
    }
    return before.state.carry(CarryStage.publicAt(suite));
  }

  private long number(CutRecord cut) {
    return Math.floorDiv(cut.getCommitDay(), (long) epochDays);
  }

  private static void requireLive(Attempt attempt) {
    if (attempt.undone) {
      throw new CancellationException("The batch was begun anew.");
    }
  }

  private Derivation derive(
      Attempt attempt,
      Suite suite,
      Steps steps,
      List<BlockFacts> blocks,
      List<BlockShares> shares) {
    CutRecord cut = attempt.cut;
    EpochMemory known = epochOf(attempt);
    long previous = previous(known);
    List<CarriedRows> carried = known == null ? carry(attempt, suite) : List.of();
    var standing = LongStream.builder();
    standing.add(known == null ? number(cut) : known.number);
    standing.add(known == null ? cut.getBatch() : known.firstBatch);
    standing.add(previous);
    for (CarriedRows rows : carried) {
      standing.add(rows.newestMinute()).add(rows.entities()).add(rows.checksum());
      Arrays.stream(rows.pseudonyms()).forEach(standing::add);
    }
    suite.compareKnown(steps.next("linkage/epoch"), standing.build().toArray()).await();
    EpochMemory epoch = known == null ? begun(cut, suite, steps, carried) : known;
    Tokens tokens = stage.evaluate(suite, steps, epoch.key, shares);
    LinkRows rows = LinkRecords.rows(cut.getCommitMinute(), blocks, tokens, banks::of);
    LinkColumns columns = derive(attempt, epoch, rows);
    int carriedBanks = epoch.state.carriedBanks();
    if (carriedBanks > 0) {
      new BankStage(carriedBanks).evaluate(suite, steps, spec, columns, rows.rows());
    }
    suite.compareKnown(steps.next("linkage/columns"), LinkDigests.of(columns, plan)).await();
    if (matching != null) {
      // Another attempt at an epoch's first batch would open its buckets under another key too.
      if (known != null && blocks.size() > 1 && matching.isTooMuch(columns)) {
        throw new TooManyPairsException();
      }
      matching.fill(suite, steps, columns);
    }
    return new Derivation(
        columns,
        epoch.record(shape, cut.getBatch()),
        LinkRecords.delta(rows, blocks, tokens, plan.namesMembers())
            .setProtocol(cut.getProtocol())
            .setPartition(cut.getPartition())
            .setFirstBatch(epoch.firstBatch)
            .setBatch(cut.getBatch())
            .setPreviousBatch(previous)
            .build());
  }

  private EpochMemory begun(CutRecord cut, Suite suite, Steps steps, List<CarriedRows> carried) {
    LinkageKey key = LinkageKey.draw(suite, steps);
    long from = snapshots().reached();
    if (carried.isEmpty()) {
      return new EpochMemory(number(cut), cut.getBatch(), key, state(List.of()), null, from);
    }
    CarryStage carrying = Objects.requireNonNull(carryStage);
    List<CarriedTable> tables = new ArrayList<>();
    for (CarriedRows rows : carried) {
      tables.add(carrying.evaluate(suite, steps, key, rows, "linkage/carry" + tables.size()));
    }
    // Before the vote: whoever has prepared must be able to finish from its own log. All write in
    // step, so that none takes the others, whose brokers are slower, for stuck.
    Digest handed =
        snapshots()
            .log()
            .hand(
                cut,
                tables,
                part ->
                    suite
                        .compareKnown(steps.next("linkage/handed" + part), new long[] {part})
                        .await());
    return new EpochMemory(number(cut), cut.getBatch(), key, state(tables), handed, from);
  }

  private LinkMemory state(List<CarriedTable> carried) {
    return LinkMemory.of(spec, HELD, plan.namesMembers(), carried);
  }

  private synchronized MemberAlerts members(
      Attempt attempt,
      Plan by,
      Derivation derivation,
      List<MemberAlerts.Flag> flags,
      MemberBudget budget) {
    requireLive(attempt);
    Pending own =
        pending.stream()
            .filter(each -> each.cut.getCut().equals(attempt.cut.getCut()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("What is derived and lives is pending."));
    List<Map<String, Set<Long>>> before =
        pending.stream()
            .takeWhile(each -> each != own)
            .filter(each -> each.epoch == own.epoch)
            .map(Pending::sent)
            .toList();
    var limits = new SentAlerts(own.epoch.alerted, before, budget, members);
    var alerts = new MemberAlerts(by, derivation.columns, flags, limits);
    own.sent.putAll(alerts.sent());
    return alerts;
  }

  /** The name of the bank that submitted an alertable record. */
  String bankOf(Member member) {
    return members.get(member.bank());
  }

  /** The last batch of the epoch before the one that is being derived. */
  private synchronized long previous(@Nullable EpochMemory epoch) {
    if (epoch == null) {
      return NONE;
    }
    return pending.isEmpty() ? lastBatch : pending.getLast().cut.getBatch();
  }

  private synchronized LinkColumns derive(Attempt attempt, EpochMemory epoch, LinkRows rows) {
    requireLive(attempt);
    long before = epoch.state.counters().cutShort();
    LinkColumns columns = epoch.state.derive(rows);
    long cutShort = epoch.state.counters().cutShort() - before;
    pending.add(new Pending(epoch, attempt.cut, rows, cutShort, new HashMap<>()));
    return columns;
  }

  /**
   * The oldest batch that isn't committed is committed now, whether it was derived here or comes
   * from this party's own log.
   */
  synchronized void commit(PreparedContent content) {
    attempts.removeIf(attempt -> attempt.cut.getBatch() <= content.getCut().getBatch());
    LinkageEpoch after = content.getLinkage();
    LinkDelta delta = content.getLinks();
    if (after == null || delta == null) {
      return;
    }
    if (!after.getShape().equals(shape)) {
      // Prepared before other things were linked: the next batch begins with nothing.
      committed = null;
      snapshots().end();
      return;
    }
    EpochMemory known = committed;
    if (known == null || known.firstBatch != after.getFirstBatch()) {
      known = null;
      // Those that left in the epoch before have no numbers in this one.
      banks.begin(List.of());
    }
    Digest cut = content.getCut().getCut();
    if (pending.isEmpty() || !pending.getFirst().cut.getCut().equals(cut)) {
      undoFrom(content.getCut().getBatch());
      EpochMemory epoch =
          known == null ? EpochMemory.of(after, state(handed.of(after, snapshots().log()))) : known;
      epoch.adopt(after.getSnapshot());
      LinkRows rows = rows(delta);
      epoch.state.again(rows, 0);
      pending.add(new Pending(epoch, content.getCut(), rows, 0, new HashMap<>()));
    }
    Pending first = pending.removeFirst();
    first.epoch.state.commit();
    if (committed != null && committed != first.epoch) {
      committed.key.destroy();
      counts = counts.closed();
      replayed = new LinkState.Counters(0, 0, 0, 0, 0, 0);
    }
    if (committed != first.epoch) {
      handed.clear();
    }
    committed = first.epoch;
    committed.ahead += LinkRecords.ahead(first.rows);
    LinkRecords.readAlerted(delta.getAlerted(), committed.alerted);
    lastBatch = after.getLastBatch();
    snapshots().committed(committed, content, first.rows.rows(), this::withoutPending);
    count();
  }

  /** What is derived is undone, and derived again. */
  private void withoutPending(Runnable then) {
    pending.forEach(undone -> undone.epoch.state.rollback());
    try {
      then.run();
    } finally {
      pending.forEach(Pending::again);
    }
  }

  private Snapshots snapshots() {
    return Objects.requireNonNull(snapshots);
  }

  /** Nothing is written any more. */
  void stop() {
    Snapshots of = snapshots;
    if (of != null) {
      of.stop();
    }
  }

  /** Reads now what the commit of a batch that was prepared before a start may need. */
  synchronized void foresee(PreparedContent content) {
    LinkageEpoch after = content.getLinkage();
    boolean isKnown =
        after == null || (committed != null && committed.firstBatch == after.getFirstBatch());
    if (!isKnown && after.getShape().equals(shape)) {
      handed.foresee(after, snapshots().log());
    }
  }

  private LinkRows rows(LinkDelta delta) {
    return LinkRecords.rows(delta, spec, HELD, banks::of, members::contains);
  }

  /**
   * Takes up what the last run left.
   *
   * @param epoch of the last committed state; null where none was linked
   * @param day UTC day since 1970, by a clock that may be wrong: by it an epoch that ended before
   *     the last one is over for any cut that peers take, unless the next is still to be handed
   *     something, and its records may be gone; what is there is remembered all the same
   * @param progress gets how many records are still to be read
   */
  synchronized void restore(
      @Nullable LinkageEpoch epoch, LinkLog log, long day, LongConsumer progress) {
    snapshots = new Snapshots(snapshotRows, banks, log, log.end());
    committed = null;
    long over = day - 1 - (spec.carried() ? LinkSpec.CARRY_DAYS_MAX : 0);
    handed.clear();
    if (epoch == null || !epoch.getShape().equals(shape)) {
      return;
    }
    boolean isOver = Math.floorDiv(over, (long) epochDays) > epoch.getEpoch();
    var again = new LinkReplay(banks, with -> EpochMemory.of(epoch, state(with)), this::rows);
    if (!log.replay(epoch, isOver, again, progress)) {
      return;
    }
    committed = again.memory();
    replayed = again.memory().state.counters();
    lastBatch = epoch.getLastBatch();
    count();
  }

  private void count() {
    EpochMemory epoch = Objects.requireNonNull(committed);
    counts = counts.with(epoch.state.counters(), replayed, epoch.ahead, epoch.rowsSince);
  }

  int entitiesMax() {
    return spec.entitiesMax();
  }

  /** Pairs of records that were compared on shares since the start. */
  long compared() {
    return matching == null ? 0 : matching.compared();
  }

  /** Since the start, and the entities now. */
  LinkageCounts counts() {
    return counts;
  }

  @Override
  public String toString() {
    return "Linkage[entities=" + spec.entities().size() + "]";
  }
}
