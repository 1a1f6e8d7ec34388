package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.concordat.aggregator.batch.Event;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.evaluate.BlockShares;
import org.concordat.aggregator.evaluate.Outcome;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.aggregator.peer.PeerChannel;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.UnavailableException;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Opening;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs attempts, each on a thread beside the partition's own. Those of several batches run side by
 * side: only what has to know the batch before, which is the opening where caps count, and the
 * numbers of alerts, waits for it.
 */
final class Computation {
  private static final Logger LOG = LoggerFactory.getLogger(Computation.class);

  /** Well below any stall. */
  private static final long PROGRESS_MILLIS = 100;

  /** What an attempt came to; none of it has left this party. */
  record Result(
      Digest outcome,
      PreparedContent content,
      Map<String, Integer> flagsByRule,
      MemberCounts members,
      PartitionState after) {}

  /** One attempt that runs. */
  private static final class Run {
    private final CompletableFuture<PartitionState> before;
    private final CompletableFuture<PartitionState> ended = new CompletableFuture<>();
    private final AtomicLong received = new AtomicLong();
    private long reported;
    private @Nullable PeerChannel channel;
    private boolean cancelled;

    Run(CompletableFuture<PartitionState> before) {
      this.before = before;
    }

    /** Where the batch before leaves the partition, as soon as that is known. */
    PartitionState before() {
      try {
        return (PartitionState) CompletableFuture.anyOf(before, ended).join();
      } catch (CompletionException e) {
        throw new AttemptEndedException();
      }
    }

    /** Under the lock: where an attempt was cancelled, the next one's channel may be open. */
    synchronized PeerChannel open(PeerSession session, CutRecord cut) {
      if (cancelled) {
        throw new AttemptEndedException();
      }
      channel = session.channel(cut.getPartition(), cut.getBatch(), cut.getAttempt());
      return channel;
    }

    /** Whether any flight came since this was last asked. */
    boolean hasProgressed() {
      long before = reported;
      reported = received.get();
      return reported > before;
    }

    synchronized void cancel() {
      cancelled = true;
      ended.completeExceptionally(new AttemptEndedException());
      if (channel != null) {
        channel.close();
      }
    }
  }

  private final PartitionSetup setup;
  private final @Nullable Linkage linkage;
  private final long voteBytesMax;

  /** By rule set. */
  private final Map<Digest, AlertShares> alertShares = new ConcurrentHashMap<>();

  /** By cut. */
  private final Map<Digest, Run> runs = new HashMap<>();

  private long toldMillis;

  /**
   * @param linkage null where nothing is linked
   */
  Computation(PartitionSetup setup, @Nullable Linkage linkage) {
    this(setup, linkage, BusClients.VOTE_BYTES_MAX);
  }

  /**
   * As above.
   *
   * @param voteBytesMax that a vote may have of what a batch comes to
   */
  Computation(PartitionSetup setup, @Nullable Linkage linkage, long voteBytesMax) {
    this.setup = setup;
    this.linkage = linkage;
    this.voteBytesMax = voteBytesMax;
  }

  private AlertShares alertShares(Scoring scoring) {
    return alertShares.computeIfAbsent(
        scoring.hash(),
        unused ->
            new AlertShares(
                setup.charter(), setup.aggregator(), setup.signingKey(), scoring.plan()));
  }

  /**
   * Starts an attempt; exactly one of both callbacks is called, on a thread of the attempt's own.
   *
   * @param before the state before the batch: caps and the numbers of alerts go on from it
   * @param ended gets what the batch machine is to be told
   */
  void start(
      PeerSession session,
      CutRecord cut,
      List<Opening.Opened> blocks,
      CompletableFuture<PartitionState> before,
      Consumer<Result> done,
      Consumer<Event> ended) {
    var failed = new Event.ComputeFailed(cut.getCut());
    var run = new Run(before);
    runs.put(cut.getCut(), run);
    Linkage.Attempt attempt = linkage == null ? null : linkage.begin(cut);
    // Attempts that compute side by side would keep virtual threads' carriers from all others.
    var _ =
        Thread.ofPlatform()
            .daemon()
            .name("compute-" + setup.partition() + "-" + cut.getBatch())
            .start(
                () -> {
                  try {
                    done.accept(compute(run, session, cut, blocks, attempt));
                  } catch (UnavailableException e) {
                    lost(cut, e);
                    ended.accept(failed);
                  } catch (TooManyPairsException e) {
                    tooMuch(cut);
                    ended.accept(new Event.TooLarge(cut.getCut(), false));
                  } catch (TooManyAlertsException e) {
                    tooMany(cut, e);
                    ended.accept(new Event.TooLarge(cut.getCut(), e.beginsEpoch()));
                  } catch (AttemptEndedException | CancellationException e) {
                    // Given up, or another attempt of the batch has begun.
                    ended.accept(failed);
                  } catch (ProtocolAbortException e) {
                    aborted(cut, e);
                    ended.accept(failed);
                  } catch (KafkaException e) {
                    if (BusClients.mayPass(e)) {
                      unwritten(cut, e);
                      ended.accept(failed);
                    } else {
                      // Another attempt could not write it either.
                      setup.halt().accept(e);
                    }
                  } catch (RuntimeException | Error e) {
                    setup.halt().accept(e);
                  }
                });
  }

  private void lost(CutRecord cut, UnavailableException e) {
    LOG.atInfo()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", cut.getBatch())
        .addKeyValue("attempt", cut.getAttempt())
        .addKeyValue("peer", e.peer())
        .addKeyValue("awaited", e.awaited())
        .log("The attempt has ended early.");
  }

  private void tooMuch(CutRecord cut) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", cut.getBatch())
        .addKeyValue("attempt", cut.getAttempt())
        .addKeyValue("pairsMax", LinkSpec.Hidden.BATCH_PAIRS_MAX)
        .log("The batch has too many pairs of records: fewer rows are cut.");
  }

  private void tooMany(CutRecord cut, TooManyAlertsException e) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", cut.getBatch())
        .addKeyValue("attempt", cut.getAttempt())
        .addKeyValue("alerts", e.alerts())
        .addKeyValue("bytes", e.bytes())
        .addKeyValue("bytesMax", voteBytesMax)
        .log("The batch has too many alerts: fewer rows are cut, or its one block is skipped.");
  }

  private void unwritten(CutRecord cut, KafkaException e) {
    LOG.atWarn()
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", cut.getBatch())
        .addKeyValue("waitsFor", "the brokers, to write what an epoch is handed")
        .addKeyValue("cause", e.getClass().getSimpleName())
        .log("The attempt has ended early.");
  }

  private void aborted(CutRecord cut, ProtocolAbortException e) {
    setup.metrics().alarm(Code.CDT_608.label());
    LOG.atError()
        .addKeyValue("code", Code.CDT_608.label())
        .addKeyValue("partition", setup.partition())
        .addKeyValue("batch", cut.getBatch())
        .addKeyValue("attempt", cut.getAttempt())
        .addKeyValue("fault", e.fault())
        .addKeyValue("step", e.step().path())
        .addKeyValue("peer", setup.settings().aggregators().get(e.peer()))
        .log(Code.CDT_608.cause());
  }

  private Result compute(
      Run run,
      PeerSession session,
      CutRecord cut,
      List<Opening.Opened> blocks,
      Linkage.@Nullable Attempt attempt) {
    if (blocks.isEmpty()) {
      if (attempt != null) {
        attempt.skip();
      }
      var nothing = new PreparedContent(cut, List.of(), Map.of(), List.of(), null, null);
      return result(run, new Digest(new byte[32]), nothing, Map.of(), MemberCounts.NONE);
    }
    Scoring scoring = setup.scorings().of(cut.getRuleSet());
    Plan plan = scoring.plan();
    int me = session.party();
    int parties = session.parties();
    byte[] batchHash = cut.getCut().bytes();
    byte[] withPrevious =
        session.attemptKey((me + parties - 1) % parties, batchHash, cut.getAttempt());
    byte[] withNext = session.attemptKey((me + 1) % parties, batchHash, cut.getAttempt());
    try (PeerChannel channel = run.open(session, cut)) {
      List<BlockShares> shares = shares(plan, blocks);
      FlagCounts counts = setup.flagCounts(plan);
      var suite = new Rep3(new CountedChannel(channel, run.received), withPrevious, withNext);
      var steps = new Steps();
      Linkage.Derivation linked =
          attempt == null
              ? null
              : attempt.derive(suite, steps, blocks.stream().map(BlockFacts::of).toList(), shares);
      Outcome outcome =
          scoring
              .evaluator()
              .evaluate(
                  suite,
                  steps,
                  shares,
                  linked == null ? null : linked.columns(),
                  () -> counts.budget(run.before(), cut, blocks));
      Map<String, Long> opened = counts.opened(outcome, blocks);
      List<AlertShares.Earlier> earlier = List.of();
      MemberCounts members = MemberCounts.NONE;
      LinkDelta delta = linked == null ? null : linked.delta();
      byte[] agreed = outcome.digest();
      if (attempt != null && linked != null && plan.namesMembers()) {
        MemberBudget budget = counts.memberBudget(run.before(), cut, opened);
        MemberAlerts chosen = attempt.members(plan, linked, flags(outcome, blocks), budget);
        earlier = earlier(chosen, blocks);
        budget.taken().forEach((key, taken) -> opened.merge(key, taken, Long::sum));
        members = MemberCounts.of(plan, chosen);
        agreed = LinkRecords.withMembers(agreed, chosen);
        delta =
            LinkDelta.newBuilder(linked.delta())
                .setAlerted(LinkRecords.alerted(chosen.sent()))
                .build();
      }
      AlertShares sealing = alertShares(scoring);
      var counted =
          new PreparedContent(
              cut,
              List.of(),
              counts.counted(run.before(), cut, opened),
              counts.held(outcome, blocks),
              null,
              null);
      int alerts = outcome.flagged().size() + earlier.size();
      requireFits(counted, delta, alerts, sealing.bytesMax());
      return result(
          run,
          new Digest(inSession(agreed, session.id())),
          new PreparedContent(
              cut,
              sealing.of(cut, outcome, blocks, earlier, run.before()),
              counted.getOpenedFlags(),
              counted.getHeld(),
              linked == null ? null : linked.epoch(),
              delta),
          flagsByRule(plan, outcome),
          members);
    } finally {
      Arrays.fill(withPrevious, (byte) 0);
      Arrays.fill(withNext, (byte) 0);
    }
  }

  /**
   * Gives up a batch whose vote no broker would take, before any of its alerts is sealed. Counts
   * nothing by which parties differ: all find the same of a cut.
   *
   * @param counted what the vote holds beside alerts and what is remembered of entities
   * @param alertBytes of each, at most
   */
  private void requireFits(
      PreparedContent counted, @Nullable LinkDelta delta, int alerts, int alertBytes) {
    long bytes =
        RecordCodec.encode(counted).length
            + (long) alerts * alertBytes
            + (delta == null ? 0 : LinkRecords.bytes(delta));
    if (bytes > voteBytesMax) {
      boolean beginsEpoch = delta != null && delta.getBatch() == delta.getFirstBatch();
      throw new TooManyAlertsException(alerts, bytes, beginsEpoch);
    }
  }

  /**
   * What a vote says of what was opened. In two sessions the same may be opened of one cut, but
   * shares of one don't fit those of the other: the votes on them must not stand together.
   */
  static byte[] inSession(byte[] opened, long session) {
    MessageDigest digest = LinkRecords.sha256();
    digest.update("concordat/outcome/2".getBytes(StandardCharsets.US_ASCII));
    digest.update(opened);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(session).flip());
    return digest.digest();
  }

  private static List<BlockShares> shares(Plan plan, List<Opening.Opened> blocks) {
    List<BlockShares> shares = new ArrayList<>(blocks.size());
    for (Opening.Opened block : blocks) {
      int rows = block.core().getRows();
      int words = plan.layout().words(rows);
      shares.add(new BlockShares(rows, block.first(words), block.second(words)));
    }
    return shares;
  }

  /** A batch's rows are numbered through its blocks. */
  private static int[] firstRows(List<Opening.Opened> blocks) {
    int[] firstRows = new int[blocks.size() + 1];
    for (int i = 0; i < blocks.size(); i++) {
      firstRows[i + 1] = firstRows[i] + blocks.get(i).core().getRows();
    }
    return firstRows;
  }

  private static List<MemberAlerts.Flag> flags(Outcome outcome, List<Opening.Opened> blocks) {
    int[] firstRows = firstRows(blocks);
    return outcome.flagged().stream()
        .map(
            row ->
                new MemberAlerts.Flag(
                    row.output(), firstRows[row.block()] + row.row(), row.slots()))
        .toList();
  }

  private List<AlertShares.Earlier> earlier(MemberAlerts alerts, List<Opening.Opened> blocks) {
    int[] firstRows = firstRows(blocks);
    List<AlertShares.Earlier> earlier = new ArrayList<>();
    for (MemberAlerts.Chosen chosen : alerts.chosen()) {
      int block = Arrays.binarySearch(firstRows, chosen.row());
      block = block < 0 ? -block - 2 : block;
      String bank = Objects.requireNonNull(linkage).bankOf(chosen.member());
      earlier.add(new AlertShares.Earlier(chosen, bank, block, chosen.row() - firstRows[block]));
    }
    return earlier;
  }

  private Result result(
      Run run,
      Digest outcome,
      PreparedContent content,
      Map<String, Integer> flagsByRule,
      MemberCounts members) {
    return new Result(
        outcome, content, flagsByRule, members, Commits.stateAfter(setup, run.before(), content));
  }

  private static Map<String, Integer> flagsByRule(Plan plan, Outcome outcome) {
    Map<String, Integer> flags = new HashMap<>();
    List<RuleOutput> outputs = plan.outputs();
    for (int i = 0; i < outputs.size(); i++) {
      flags.merge(outputs.get(i).rule(), outcome.flagCount(i), Integer::sum);
    }
    return flags;
  }

  /** Attempts to which flights came since this was last told; now and then. */
  List<Digest> progressed(long millis) {
    if (millis - toldMillis < PROGRESS_MILLIS) {
      return List.of();
    }
    toldMillis = millis;
    return runs.entrySet().stream()
        .filter(run -> run.getValue().hasProgressed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** An attempt has ended. */
  void ended(Digest cut) {
    runs.remove(cut);
  }

  /** Ends an attempt, if it still runs. */
  void cancel(Digest cut) {
    Run run = runs.remove(cut);
    if (run != null) {
      run.cancel();
    }
  }

  void cancelAll() {
    List.copyOf(runs.keySet()).forEach(this::cancel);
    if (linkage != null) {
      linkage.stop();
    }
  }
}
