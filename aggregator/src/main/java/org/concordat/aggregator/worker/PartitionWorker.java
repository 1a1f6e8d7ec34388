package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.aggregator.batch.BatchMachine;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.batch.Event;
import org.concordat.aggregator.batch.PreparedCut;
import org.concordat.aggregator.batch.Progress;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.Committer;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.UnavailableException;
import org.concordat.schemas.record.AlertShare;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition at work. A thread of its own takes events one by one, gives them to the batch
 * machine and performs what it decides; whatever takes long (computing, committing) runs beside it
 * and comes back as an event.
 */
public final class PartitionWorker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWorker.class);
  private static final long TICK_MILLIS = 5;
  private static final int EVENTS_PER_TICK_MAX = 1_024;
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(15);

  private final PartitionSetup setup;
  private final BusClients clients;
  private final OwnLog log;
  private final Computation computation;
  private final Commits commits;
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Map<String, NavigableMap<Long, HeldBlock>> held = new HashMap<>();
  private final Map<String, NavigableMap<Long, Long>> complaints = new HashMap<>();

  /** By bank: the offset after the last record whose fate this thread knows. */
  private final Map<String, Long> taken = new HashMap<>();

  private final Map<Integer, PreparedContent> computedContents = new HashMap<>();
  private final Map<Integer, Vote> ownVotes = new HashMap<>();
  private final Map<Integer, Long> stageStarts = new HashMap<>();
  private final Thread thread;
  private volatile boolean running = true;
  private volatile boolean restored;
  private volatile String waitingFor = "the brokers";
  private @Nullable BatchMachine machine;
  private @Nullable BlockReader reader;
  private @Nullable Producer<byte[], byte[]> votes;
  private @Nullable Committer committer;
  private @Nullable PeerSession session;
  private PartitionState state;
  private long lastTick;

  public PartitionWorker(PartitionSetup setup, BusClients clients, AtRestBox box) {
    this.setup = setup;
    this.clients = clients;
    this.log =
        new OwnLog(
            clients,
            box,
            setup.topics().state(setup.aggregator()),
            setup.topics().votes(setup.aggregator()),
            setup.partition());
    this.computation = new Computation(setup);
    this.commits = new Commits(setup, log);
    this.state = OwnLog.initial(setup.settings().protocol(), setup.partition());
    for (String bank : setup.settings().banks()) {
      held.put(bank, new TreeMap<>());
      complaints.put(bank, new TreeMap<>());
    }
    this.thread = Thread.ofPlatform().name("partition-" + setup.partition()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Whether the last run's state is read, so that work can go on. */
  public boolean restored() {
    return restored;
  }

  /** Whom and what the partition waits for. */
  public String waitingFor() {
    return waitingFor;
  }

  /** Links to all peers are up. */
  public void sessionUp(PeerSession up) {
    inbox.add(
        () -> {
          session = up;
          step(new Event.SessionUp());
        });
  }

  public void sessionDown(PeerSession down) {
    inbox.add(
        () -> {
          if (session == down) {
            session = null;
            step(new Event.SessionDown());
          }
        });
  }

  /** A message for this partition. */
  public void fromPeer(PeerSession from, int peer, PeerMessage message) {
    inbox.add(
        () -> {
          if (session == from) {
            step(new Event.FromPeer(peer, message));
          }
        });
  }

  /** A bank's session set-up came. */
  public void sessionsChanged() {
    inbox.add(
        () -> {
          if (reader != null) {
            reader.sessionsChanged();
          }
        });
  }

  private void run() {
    try {
      while (running && !recover()) {
        Thread.sleep(RETRY);
      }
      while (running) {
        Runnable first = inbox.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
        for (int i = 0; first != null && i < EVENTS_PER_TICK_MAX; i++) {
          first.run();
          first = inbox.poll();
        }
        if (first != null) {
          first.run();
        }
        tick();
      }
    } catch (InterruptedException e) {
      LOG.atInfo().addKeyValue("partition", setup.partition()).log("Stopped.");
    } catch (RuntimeException | Error e) {
      // A bug or a corrupt own state: the process halts, and a restart recovers from the log.
      setup.halt().accept(e);
    }
  }

  /** Reads where the last run left the partition; false if the brokers can't be reached yet. */
  private boolean recover() {
    try {
      // Fences off an older worker and settles its last transaction before anything is read.
      committer =
          new Committer(
              clients,
              setup.transactionalId(),
              () -> log.lastState().map(PartitionState::getNextBatch).orElse(0L));
      OwnLog.Found found = log.read(setup.settings().protocol());
      state = found.state();
      var recovered =
          new BatchMachine(
              setup.settings(),
              new Progress(state.getNextBatch(), state.getPreviousCut(), state.getNextSequences()));
      List<PreparedCut> prepared = new ArrayList<>();
      for (Vote vote : found.votes()) {
        if (vote.getBatch() == state.getNextBatch()) {
          ownVotes.put(vote.getAttempt(), vote);
          if (vote.getKind() == VoteKind.PREPARED) {
            PreparedContent content = log.content(vote);
            computedContents.put(vote.getAttempt(), content);
            prepared.add(new PreparedCut(vote.getAttempt(), content.getCut()));
          }
        }
      }
      machine = recovered;
      votes = clients.producer();
      step(new Event.Recovered(found.votes(), prepared));
      startReader();
      restored = true;
      LOG.atInfo()
          .addKeyValue("partition", setup.partition())
          .addKeyValue("nextBatch", state.getNextBatch())
          .addKeyValue("prepared", prepared.size())
          .log("The partition is restored.");
      return true;
    } catch (org.apache.kafka.common.KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", setup.partition())
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("The brokers can't be read yet.");
      if (committer != null) {
        committer.close();
        committer = null;
      }
      return false;
    }
  }

  private void startReader() {
    Map<String, String> topics = new HashMap<>();
    for (String bank : setup.settings().banks()) {
      topics.put(bank, setup.topics().shares(bank, setup.aggregator()));
    }
    reader =
        new BlockReader(
            clients,
            setup.gate(),
            topics,
            setup.partition(),
            state.getNextOffsets(),
            setup.bufferedRowsMax(),
            (admission, offset) -> inbox.add(() -> admitted(admission, offset)));
    reader.start();
  }

  private void admitted(Admission admission, long offset) {
    if (!(admission instanceof Admission.Waiting)) {
      taken.put(admission.bank(), offset + 1);
    }
    switch (admission) {
      case Admission.Accepted accepted -> {
        NavigableMap<Long, HeldBlock> ofBank = heldOf(accepted.bank());
        boolean used =
            accepted.sequence() < machine().nextSequence(accepted.bank())
                || ofBank.containsKey(accepted.sequence());
        setup.metrics().record(used ? "duplicate" : "accepted", "none", accepted.bank());
        if (!used) {
          Opening.Opened opened = accepted.block().opened();
          ofBank.put(accepted.sequence(), accepted.block());
          reader().buffered(accepted.bank(), accepted.block().rows());
          step(
              new Event.BlockHeld(
                  accepted.bank(),
                  accepted.sequence(),
                  accepted.block().rows(),
                  new org.concordat.schemas.record.Digest(opened.headerDigest()),
                  opened.core().getWatermarkMinute()));
        }
      }
      case Admission.Duplicate duplicate ->
          setup.metrics().record("duplicate", "none", duplicate.bank());
      case Admission.Waiting waiting -> setup.metrics().record("waiting", "none", waiting.bank());
      case Admission.Refused refused -> {
        setup.metrics().record("refused", refused.code().label(), refused.bank());
        LOG.atWarn()
            .addKeyValue("code", refused.code().label())
            .addKeyValue("bank", refused.bank())
            .addKeyValue("partition", setup.partition())
            .addKeyValue("sequence", refused.sequence().map(Object::toString).orElse("unknown"))
            .log(refused.code().cause());
        refused
            .sequence()
            .ifPresent(s -> step(new Event.BlockBad(refused.bank(), s, refused.code().label())));
      }
    }
  }

  private void tick() {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    if (millis - lastTick >= 1) {
      lastTick = millis;
      long day = TimeUnit.MILLISECONDS.toDays(System.currentTimeMillis());
      step(new Event.Tick(millis, day));
    }
    waitingFor = machine().waitingFor();
  }

  private void step(Event event) {
    if (machine == null) {
      return;
    }
    for (Effect effect : machine.step(event)) {
      perform(effect);
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Broadcast broadcast -> {
        for (int peer = 0; peer < setup.settings().aggregators().size(); peer++) {
          if (peer != setup.settings().me()) {
            send(peer, broadcast.message());
          }
        }
      }
      case Effect.Send send -> send(send.peer(), send.message());
      case Effect.Compute compute -> compute(compute);
      case Effect.CancelCompute cancel -> computation.cancel();
      case Effect.PersistVote vote -> persist(vote);
      case Effect.Commit commit -> commit(commit.cut());
      case Effect.Alarm alarm -> {
        setup.metrics().alarm(alarm.code().label());
        LOG.atError()
            .addKeyValue("code", alarm.code().label())
            .addKeyValue("partition", setup.partition())
            .addKeyValue("peer", setup.settings().aggregators().get(alarm.peer()))
            .addKeyValue("fact", alarm.fact())
            .log(alarm.code().cause());
      }
    }
  }

  private void send(int peer, PeerMessage message) {
    PeerSession current = session;
    if (current != null) {
      try {
        current.sendControl(peer, RecordCodec.encode(withoutSealed(message)));
      } catch (UnavailableException e) {
        // The session's end comes as an event of its own.
        LOG.atDebug().addKeyValue("peer", e.peer()).log("A message had no link.");
      }
    }
  }

  /** Peers get votes without the sealed part: it is this aggregator's own. */
  private static PeerMessage withoutSealed(PeerMessage message) {
    return switch (message.getContent()) {
      case Vote vote -> new PeerMessage(bare(vote));
      case org.concordat.schemas.record.Standing standing ->
          new PeerMessage(
              new org.concordat.schemas.record.Standing(
                  standing.getPartition(),
                  standing.getNextBatch(),
                  standing.getVotes().stream().map(PartitionWorker::bare).toList()));
      default -> message;
    };
  }

  private static Vote bare(Vote vote) {
    return Vote.newBuilder(vote).setSealed(ByteBuffer.allocate(0)).build();
  }

  private void compute(Effect.Compute compute) {
    CutRecord cut = compute.cut();
    List<Opening.Opened> blocks = new ArrayList<>();
    for (Effect.Position at : compute.blocks()) {
      HeldBlock block = heldOf(at.bank()).get(at.sequence());
      if (block == null) {
        throw new IllegalStateException("The machine cuts what is held.");
      }
      blocks.add(block.opened());
    }
    PeerSession current = session;
    PartitionState before = state;
    if (current == null) {
      inbox.add(() -> step(new Event.ComputeFailed(cut.getCut())));
      return;
    }
    long started = System.nanoTime();
    computation.start(
        current,
        cut,
        blocks,
        before,
        result ->
            inbox.add(
                () -> {
                  setup.metrics().stage("compute", Duration.ofNanos(System.nanoTime() - started));
                  computedContents.put(cut.getAttempt(), new PreparedContent(cut, result.alerts()));
                  step(new Event.Computed(cut.getCut(), result.outcome()));
                }),
        () -> inbox.add(() -> step(new Event.ComputeFailed(cut.getCut()))));
  }

  private void persist(Effect.PersistVote wanted) {
    Vote first = ownVotes.get(wanted.attempt());
    if (first != null) {
      inbox.add(() -> step(new Event.VotePersisted(first)));
      return;
    }
    PreparedContent content = computedContents.get(wanted.attempt());
    ByteBuffer sealed =
        wanted.kind() == VoteKind.PREPARED && content != null
            ? ByteBuffer.wrap(log.sealed(content))
            : ByteBuffer.allocate(0);
    Vote vote =
        Signed.sign(
            Vote.newBuilder()
                .setProtocol(setup.settings().protocol())
                .setCharter(setup.settings().charter())
                .setAggregator(setup.aggregator())
                .setPartition(setup.partition())
                .setBatch(wanted.batch())
                .setAttempt(wanted.attempt())
                .setKind(wanted.kind())
                .setCut(wanted.cut())
                .setOutcome(wanted.outcome())
                .setSignature(new Signature(new byte[64]))
                .setSealed(sealed)
                .build(),
            setup.signingKey());
    // From here on no other vote on this attempt may be written, whatever the broker says.
    ownVotes.put(wanted.attempt(), vote);
    stageStarts.put(wanted.attempt(), System.nanoTime());
    if (wanted.kind() == VoteKind.ABANDONED) {
      setup.metrics().batch("abandoned");
    }
    write(vote);
  }

  private void write(Vote vote) {
    var record =
        new ProducerRecord<>(
            setup.topics().votes(setup.aggregator()),
            setup.partition(),
            log.voteKey(vote),
            RecordCodec.encode(vote));
    voteProducer()
        .send(
            record,
            (metadata, failure) ->
                inbox.add(
                    () -> {
                      if (failure == null) {
                        voteWritten(vote, metadata.offset());
                      } else if (running) {
                        LOG.atWarn()
                            .addKeyValue("cause", failure.getClass().getSimpleName())
                            .log("Writing the vote again.");
                        write(vote);
                      }
                    }));
  }

  private void voteWritten(Vote vote, long offset) {
    Long started = stageStarts.remove(vote.getAttempt());
    if (started != null) {
      setup.metrics().stage("vote", Duration.ofNanos(System.nanoTime() - started));
    }
    if (vote.getBatch() == machine().nextBatch()) {
      commits.voteAt(offset);
      step(new Event.VotePersisted(vote));
    }
  }

  private void commit(CutRecord cut) {
    PreparedContent content = computedContents.get(cut.getAttempt());
    if (content == null) {
      throw new IllegalStateException("What was prepared is in the own log.");
    }
    Map<String, Long> offsets = new HashMap<>();
    held.forEach((bank, blocks) -> offsets.put(bank, firstUnused(bank, blocks, cut)));
    PartitionState after = commits.stateAfter(state, content, offsets);
    List<ProducerRecord<byte[], byte[]>> records = commits.records(content, after);
    long started = System.nanoTime();
    Committer target = java.util.Objects.requireNonNull(committer);
    var _ =
        Thread.ofVirtual()
            .name("commit-" + setup.partition())
            .start(
                () -> {
                  try {
                    target.commit(cut.getBatch(), records);
                    inbox.add(
                        () -> {
                          setup
                              .metrics()
                              .stage("commit", Duration.ofNanos(System.nanoTime() - started));
                          committed(content, after);
                        });
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (RuntimeException e) {
                    setup.halt().accept(e);
                  }
                });
  }

  /** Where reading starts again after a restart: at the first record that isn't used up. */
  private long firstUnused(String bank, NavigableMap<Long, HeldBlock> blocks, CutRecord cut) {
    long next = machine().nextSequence(bank);
    for (CutEntry entry : cut.getEntries()) {
      if (entry.getBank().equals(bank)) {
        next = entry.getNextSequence();
      }
    }
    long position = taken.getOrDefault(bank, state.getNextOffsets().getOrDefault(bank, 0L));
    for (HeldBlock later : blocks.tailMap(next, true).values()) {
      position = Math.min(position, later.offset());
    }
    for (long offset : of(complaints, bank).tailMap(next, true).values()) {
      position = Math.min(position, offset);
    }
    return position;
  }

  private void committed(PreparedContent content, PartitionState after) {
    CutRecord cut = content.getCut();
    state = after;
    step(new Event.Committed(cut.getBatch()));
    computedContents.clear();
    ownVotes.clear();
    for (CutEntry entry : cut.getEntries()) {
      NavigableMap<Long, HeldBlock> used =
          heldOf(entry.getBank()).headMap(entry.getNextSequence(), false);
      int rows = used.values().stream().mapToInt(HeldBlock::rows).sum();
      reader().buffered(entry.getBank(), -rows);
      used.clear();
      of(complaints, entry.getBank()).headMap(entry.getNextSequence(), false).clear();
      setup.metrics().rowsScored(entry.getBank(), entry.getRows());
    }
    for (Skip skip : cut.getSkips()) {
      setup.metrics().blockSkipped(skip.getBank(), skip.getReason());
    }
    setup.metrics().batch("committed");
    countFlags(content.getAlerts());
  }

  private void countFlags(List<AlertShare> alerts) {
    // The rule is sealed inside; operators see how many alerts a batch made.
    setup.metrics().flags("all", alerts.size());
  }

  private NavigableMap<Long, HeldBlock> heldOf(String bank) {
    return of(held, bank);
  }

  private static <V> NavigableMap<Long, V> of(Map<String, NavigableMap<Long, V>> map, String bank) {
    return java.util.Objects.requireNonNull(map.get(bank));
  }

  private BatchMachine machine() {
    return java.util.Objects.requireNonNull(machine);
  }

  private BlockReader reader() {
    return java.util.Objects.requireNonNull(reader);
  }

  private Producer<byte[], byte[]> voteProducer() {
    return java.util.Objects.requireNonNull(votes);
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.join(STOP);
    computation.cancel();
    if (reader != null) {
      reader.close();
    }
    if (committer != null) {
      committer.close();
    }
    if (votes != null) {
      votes.close(STOP);
    }
  }
}
