package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.LinkageKey;
import org.concordat.aggregator.evaluate.TokenStage;
import org.concordat.aggregator.evaluate.Tokens;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.link.LinkColumns;
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
 * and an empty memory at its first batch that has rows; the key of the one before is overwritten
 * when that batch is committed.
 *
 * <p>All parties compare epoch, key and what is public of the derived columns before anything that
 * depends on them is computed: one that has lost or rolled back its log is found. Safe for several
 * threads. Prints no pseudonym, key or value.
 */
final class Linkage {
  private static final int HELD = 2;
  private static final long NONE = -1;

  /** Time under one key. */
  private static final class Epoch {
    private final long number;
    private final long firstBatch;
    private final LinkageKey key;
    private final LinkState state;
    private final Alerted alerted = new Alerted();
    private long ahead;

    Epoch(long number, long firstBatch, LinkageKey key, LinkState state) {
      this.number = number;
      this.firstBatch = firstBatch;
      this.key = key;
      this.state = state;
    }
  }

  /**
   * A batch that was derived and isn't committed.
   *
   * @param sent by rule, the places of the records that it alerts, once they are known
   */
  private record Pending(Epoch epoch, CutRecord cut, LinkRows rows, Map<String, Set<Long>> sent) {
    Pending(Epoch epoch, CutRecord cut, LinkRows rows) {
      this(epoch, cut, rows, new HashMap<>());
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
  private final int epochDays;
  private final Map<String, Integer> banks = new HashMap<>();
  private final List<String> members;
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private final List<Attempt> attempts = new ArrayList<>();
  private @Nullable Epoch committed;
  private long lastBatch = NONE;
  private LinkState.Counters replayed = new LinkState.Counters(0, 0, 0, 0, 0, 0);
  private volatile LinkageCounts counts = LinkageCounts.NONE;

  /**
   * @param banks the charter's, in an order that is the same at all parties
   * @param epochDays of the charter
   */
  Linkage(Plan plan, TokenStage stage, List<String> banks, int epochDays) {
    this.plan = plan;
    this.spec = plan.link().orElseThrow();
    this.shape = shape(plan, epochDays);
    this.members = List.copyOf(banks);
    this.stage = stage;
    this.epochDays = epochDays;
    banks.forEach(this::bank);
  }

  /** Days are part of it: epochs are numbered by them, and the numbers of others mean nothing. */
  private static Digest shape(Plan plan, int epochDays) {
    LinkSpec spec = plan.link().orElseThrow();
    MessageDigest sha256 = sha256();
    sha256.update(plan.contractHash());
    sha256.update((byte) (plan.namesMembers() ? 1 : 0));
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(epochDays).array());
    sha256.update(spec.toString().getBytes(StandardCharsets.UTF_8));
    return new Digest(sha256.digest());
  }

  /** A bank that has left the charter is told from the others too, as long as there are numbers. */
  private int bank(String name) {
    return banks.computeIfAbsent(name, unused -> Math.min(banks.size(), LinkSpec.BANKS_MAX - 1));
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
    List<Pending> kept = pending.stream().filter(p -> p.cut.getBatch() < batch).toList();
    pending.forEach(undone -> undone.epoch.state.rollback());
    pending.clear();
    for (Pending again : kept) {
      again.epoch.state.derive(again.rows);
      pending.add(again);
    }
  }

  private synchronized @Nullable Epoch epochOf(Attempt attempt) {
    requireLive(attempt);
    Epoch latest = pending.isEmpty() ? committed : pending.getLast().epoch;
    return latest != null && latest.number >= number(attempt.cut) ? latest : null;
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
    Epoch known = epochOf(attempt);
    long previous = previous(known);
    long[] standing = {
      known == null ? number(cut) : known.number,
      known == null ? cut.getBatch() : known.firstBatch,
      previous
    };
    suite.compareKnown(steps.next("linkage/epoch"), standing).await();
    Epoch epoch = known == null ? begun(cut, suite, steps) : known;
    Tokens tokens = stage.evaluate(suite, steps, epoch.key, shares);
    LinkRows rows = LinkRecords.rows(cut.getCommitMinute(), blocks, tokens, this::bankIndex);
    LinkColumns columns = derive(attempt, epoch, rows);
    suite.compareKnown(steps.next("linkage/columns"), digest(columns)).await();
    return new Derivation(
        columns,
        new LinkageEpoch(epoch.number, shape, epoch.firstBatch, cut.getBatch(), epoch.key.bytes()),
        LinkRecords.delta(rows, blocks, tokens, plan.namesMembers())
            .setProtocol(cut.getProtocol())
            .setPartition(cut.getPartition())
            .setFirstBatch(epoch.firstBatch)
            .setBatch(cut.getBatch())
            .setPreviousBatch(previous)
            .build());
  }

  private Epoch begun(CutRecord cut, Suite suite, Steps steps) {
    return new Epoch(number(cut), cut.getBatch(), LinkageKey.draw(suite, steps), state());
  }

  private LinkState state() {
    return new LinkState(spec, HELD, plan.namesMembers());
  }

  private synchronized MemberAlerts members(
      Attempt attempt,
      Plan by,
      Derivation derivation,
      List<MemberAlerts.Flag> flags,
      MemberBudget budget) {
    requireLive(attempt);
    List<Pending> before = new ArrayList<>();
    for (Pending each : pending) {
      if (each.cut.getCut().equals(attempt.cut.getCut())) {
        var alerts =
            new MemberAlerts(by, derivation.columns, flags, limits(each.epoch, before, budget));
        each.sent.putAll(alerts.sent());
        return alerts;
      }
      before.add(each);
    }
    throw new IllegalStateException("What is derived and lives is pending.");
  }

  private MemberAlerts.Limits limits(Epoch epoch, List<Pending> before, MemberBudget budget) {
    return new MemberAlerts.Limits() {
      @Override
      public boolean isSent(String rule, long place) {
        return epoch.alerted.contains(rule, place)
            || before.stream()
                .anyMatch(
                    each ->
                        each.epoch == epoch
                            && each.sent.getOrDefault(rule, Set.of()).contains(place));
      }

      @Override
      public boolean take(String rule, int bank) {
        return budget.take(rule, members.get(bank));
      }
    };
  }

  /** The name of the bank that submitted an alertable record. */
  String bankOf(Member member) {
    return members.get(member.bank());
  }

  /** The last batch of the epoch before the one that is being derived. */
  private synchronized long previous(@Nullable Epoch epoch) {
    if (epoch == null) {
      return NONE;
    }
    return pending.isEmpty() ? lastBatch : pending.getLast().cut.getBatch();
  }

  /** The number of a bank, of one that has left the charter too. */
  synchronized int bankIndex(String name) {
    return bank(name);
  }

  private synchronized LinkColumns derive(Attempt attempt, Epoch epoch, LinkRows rows) {
    requireLive(attempt);
    LinkColumns columns = epoch.state.derive(rows);
    pending.add(new Pending(epoch, attempt.cut, rows));
    return columns;
  }

  /** Of what is public: it hangs on all that is remembered of the batch's entities. */
  private long[] digest(LinkColumns columns) {
    MessageDigest sha256 = sha256();
    List<LinkSpec.Derived> derived = spec.derived();
    for (int column = 0; column < derived.size(); column++) {
      if (derived.get(column) instanceof LinkSpec.Public) {
        long[] numbers = columns.open(column);
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Long.BYTES);
        bytes.asLongBuffer().put(numbers);
        sha256.update(bytes);
      }
    }
    if (plan.namesMembers()) {
      digestMembers(columns, sha256);
    }
    long[] words = new long[4];
    ByteBuffer.wrap(sha256.digest()).asLongBuffer().get(words);
    return words;
  }

  /** Which earlier records make paths, and what would alert them. */
  private void digestMembers(LinkColumns columns, MessageDigest sha256) {
    for (int path = 0; path < spec.paths().size(); path++) {
      for (int row : columns.rowsWithMembers(path)) {
        for (Member member : columns.membersOf(path, row, slot -> true)) {
          ByteBuffer bytes = ByteBuffer.allocate(2 * Integer.BYTES + 3 * Long.BYTES + 1);
          bytes.putInt(row).putInt(member.bank()).putLong(member.place());
          bytes.putLong(member.idHigh()).putLong(member.idLow());
          bytes.put((byte) (member.alertable() ? 1 : 0));
          sha256.update(bytes.array());
        }
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
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
      return;
    }
    Digest cut = content.getCut().getCut();
    if (pending.isEmpty() || !pending.getFirst().cut.getCut().equals(cut)) {
      undoFrom(content.getCut().getBatch());
      Epoch epoch = epoch(after);
      LinkRows rows = rows(delta);
      epoch.state.derive(rows);
      pending.add(new Pending(epoch, content.getCut(), rows));
    }
    Pending first = pending.removeFirst();
    first.epoch.state.commit();
    if (committed != null && committed != first.epoch) {
      committed.key.destroy();
      counts = counts.closed();
      replayed = new LinkState.Counters(0, 0, 0, 0, 0, 0);
    }
    committed = first.epoch;
    committed.ahead += ahead(first.rows);
    LinkRecords.readAlerted(delta, committed.alerted);
    lastBatch = after.getLastBatch();
    count();
  }

  private static long ahead(LinkRows rows) {
    long ahead = 0;
    for (int row = 0; row < rows.rows(); row++) {
      ahead += rows.counted(row) ? 0 : 1;
    }
    return ahead;
  }

  /** The epoch that a record belongs to. */
  private Epoch epoch(LinkageEpoch record) {
    return committed != null && committed.firstBatch == record.getFirstBatch()
        ? committed
        : new Epoch(
            record.getEpoch(), record.getFirstBatch(), LinkageKey.of(record.getKey()), state());
  }

  private LinkRows rows(LinkDelta delta) {
    return LinkRecords.rows(
        delta,
        spec.entities().size(),
        HELD,
        spec.values().size(),
        this::bankIndex,
        members::contains);
  }

  /**
   * Takes up what the last run left.
   *
   * @param epoch of the last committed state; null where none was linked
   * @param day UTC day since 1970: an epoch that ended before the last one is over for any cut that
   *     peers take, and its records may be gone
   * @param progress gets how many records are still to be read
   */
  synchronized void restore(
      @Nullable LinkageEpoch epoch, LinkLog log, long day, LongConsumer progress) {
    committed = null;
    if (epoch == null
        || !epoch.getShape().equals(shape)
        || Math.floorDiv(day - 1, (long) epochDays) > epoch.getEpoch()) {
      return;
    }
    Epoch restored = epoch(epoch);
    log.replay(
        epoch,
        delta -> {
          restored.state.derive(rows(delta));
          restored.state.commit();
          LinkRecords.readAlerted(delta, restored.alerted);
        },
        progress);
    committed = restored;
    lastBatch = epoch.getLastBatch();
    replayed = restored.state.counters();
    count();
  }

  private void count() {
    Epoch epoch = Objects.requireNonNull(committed);
    counts = counts.with(epoch.state.counters(), replayed, epoch.ahead);
  }

  int entitiesMax() {
    return spec.entitiesMax();
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
