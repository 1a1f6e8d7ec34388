package org.concordat.aggregator.worker;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.aggregator.batch.BatchMachine;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.batch.Event;
import org.concordat.aggregator.batch.PreparedCut;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.BusClients;
import org.concordat.aggregator.bus.Committer;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.bus.PartitionClaim;
import org.concordat.aggregator.metrics.AggregatorMetrics.Stage;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.Opening;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition at work. A thread of its own takes events one by one, gives them to the batch
 * machine and performs what it decides; whatever takes long (opening blocks, computing, committing)
 * runs beside it and comes back as an event.
 */
public final class PartitionWorker implements SessionUser, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionWorker.class);
  private static final int EVENTS_PER_TICK_MAX = 1_024;
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final PartitionSetup setup;
  private final BusClients clients;
  private final PartitionClaim claim;
  private final Fate fate;
  private final PartitionView view;
  private final Correspondence correspondence;
  private final OwnLog log;
  private final LinkLog links;
  private final @Nullable Linkage linkage;
  private final Computation computation;
  private final Commits commits;
  private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Results results = new Results();
  private final StageClock clock;
  private final CommitReport report;
  private final Thread thread;
  private volatile boolean running = true;
  private volatile boolean restored;
  private @Nullable BatchMachine machine;
  private @Nullable BlockShelf shelf;
  private @Nullable BlockReader reader;
  private @Nullable VoteWriter votes;
  private volatile @Nullable Committer committer;
  private @Nullable Thread committing;
  private PartitionState state;
  private long lastTick;

  PartitionWorker(
      PartitionSetup setup, BusClients clients, AtRestBox box, PartitionClaim claim, Fate fate) {
    this.setup = setup;
    this.clients = clients;
    this.claim = claim;
    this.fate = fate;
    this.view = setup.view();
    this.correspondence = new Correspondence(setup.settings(), System::nanoTime);
    this.log =
        new OwnLog(
            clients::lookUp,
            box,
            setup.topics().state(setup.aggregator()),
            setup.topics().votes(setup.aggregator()),
            setup.partition(),
            view::votesLost);
    this.links = setup.links(clients, box);
    this.linkage = setup.linkage();
    this.computation = new Computation(setup, linkage);
    this.clock = new StageClock(setup.metrics());
    this.report = new CommitReport(setup.scorings(), setup.metrics());
    this.commits = new Commits(setup, log, links);
    this.state = OwnLog.initial(setup.settings().protocol(), setup.partition());
    this.thread = Thread.ofPlatform().name("partition-" + setup.partition()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /**
   * Why the partition can't do its work, or falls behind; nothing if it does.
   *
   * @param lagMillisMax age of the oldest waiting block beyond which it falls behind
   */
  public Optional<String> notReady(long lagMillisMax) {
    return view.notReady(lagMillisMax);
  }

  /** Whether it has a session with all peers. */
  boolean linked() {
    return correspondence.session() != null;
  }

  PartitionClaim claim() {
    return claim;
  }

  @Override
  public int partition() {
    return setup.partition();
  }

  @Override
  public void sessionUp(PeerSession up) {
    inbox.add(
        () -> {
          correspondence.begin(up);
          step(new Event.SessionUp());
        });
  }

  @Override
  public void sessionDown(PeerSession down) {
    inbox.add(
        () -> {
          if (correspondence.end(down)) {
            step(new Event.SessionDown());
          }
        });
  }

  @Override
  public void fromPeer(PeerSession from, int peer, PeerMessage message, Runnable taken) {
    inbox.add(
        () -> {
          taken.run();
          if (correspondence.goesOver(from)) {
            step(new Event.FromPeer(peer, message));
          }
        });
  }

  /** A bank's session set-up came. */
  public void sessionsChanged() {
    inbox.add(() -> reader().sessionsChanged());
  }

  /** The process can score by more rule sets. */
  public void ruleSetsChanged() {
    inbox.add(() -> step(new Event.RuleSetsReady(setup.scorings().later())));
  }

  private void run() {
    try {
      while (running && !recover()) {
        Thread.sleep(RETRY);
      }
      long tickMillis = setup.settings().tickMillis();
      while (running) {
        Runnable event = inbox.poll(tickMillis, TimeUnit.MILLISECONDS);
        for (int i = 0; event != null && i < EVENTS_PER_TICK_MAX; i++) {
          event.run();
          event = i + 1 < EVENTS_PER_TICK_MAX ? inbox.poll() : null;
        }
        tick();
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.atInfo().addKeyValue("partition", setup.partition()).log("Interrupted.");
    } catch (OtherVoteException e) {
      fate.outvoted(this);
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
              () -> clients.transactionalProducer(setup.transactionalId()),
              () -> log.lastState().map(PartitionState::getNextBatch).orElse(0L),
              claim::stands);
      OwnLog.Found found = log.read(setup.settings().protocol(), Settings.BATCHES_IN_FLIGHT_MAX);
      state = found.state();
      commits.recovered(state.getNextBatch());
      List<PreparedCut> prepared = commits.prepared(state, found.votes(), results);
      if (linkage != null) {
        linkage.restore(state.getLinkage(), links, PartitionSetup.utcDay(), view::restoring);
        for (PreparedCut each : prepared) {
          linkage.foresee(results.content(each.cut().getCut()));
        }
      }
      // Last of what may fail: peers call this process from now on.
      claim.stake(committer);
      votes =
          new VoteWriter(
              setup, log, clients::producer, found.nextVoteOffset(), inbox::add, this::voted);
      votes.connect();
      shelf = new BlockShelf(setup.settings().banks(), state.getNextOffsets());
      reader =
          new BlockReader(
              setup,
              clients::consumer,
              state,
              (admission, offset) -> inbox.add(() -> admitted(admission, offset)));
      machine = new BatchMachine(setup.settings(), commits.progress(state, found.votes()));
      step(new Event.RuleSetsReady(setup.scorings().later()));
      step(new Event.Recovered(found.votes().stream().map(PeerRouter::bare).toList(), prepared));
      reader.start();
      restored = true;
      view.restored();
      LOG.atInfo()
          .addKeyValue("partition", setup.partition())
          .addKeyValue("nextBatch", state.getNextBatch())
          .addKeyValue("prepared", prepared.size())
          .log("The partition is restored.");
      fate.restored(this);
      return true;
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("partition", setup.partition())
          .addKeyValue("waitsFor", view.waitingFor())
          .addKeyValue("cause", e.getClass().getSimpleName())
          .log("The brokers can't be read yet.");
      if (votes != null) {
        votes.close();
        votes = null;
      }
      if (committer != null) {
        committer.close();
        committer = null;
      }
      return false;
    }
  }

  private void admitted(Admission admission, long offset) {
    reader().taken();
    shelf().take(admission.bank(), offset);
    switch (admission) {
      case Admission.Accepted accepted -> accepted(accepted);
      case Admission.Refused refused -> refused(refused, offset);
      case Admission.Used used -> setup.metrics().record("duplicate", "none", used.bank());
      case Admission.Waiting waiting ->
          throw new IllegalStateException("The reader keeps what waits.");
    }
  }

  private void accepted(Admission.Accepted accepted) {
    String bank = accepted.bank();
    HeldBlock block = accepted.block();
    boolean fresh =
        accepted.sequence() >= machine().nextSequence(bank)
            && shelf().hold(bank, accepted.sequence(), block);
    setup.metrics().record(fresh ? "accepted" : "duplicate", "none", bank);
    if (!fresh) {
      reader().released(bank, block.room());
      return;
    }
    step(
        new Event.BlockHeld(
            bank,
            accepted.sequence(),
            block.rows(),
            new Digest(block.opened().headerDigest()),
            block.opened().core().getWatermarkMinute()));
  }

  private void refused(Admission.Refused refused, long offset) {
    setup.metrics().record("refused", refused.code().label(), refused.bank());
    refused
        .sequence()
        .filter(sequence -> sequence >= machine().nextSequence(refused.bank()))
        .ifPresent(
            sequence -> {
              shelf().refuse(refused.bank(), sequence, offset);
              step(new Event.BlockBad(refused.bank(), sequence, refused.code().label()));
            });
  }

  private void tick() {
    long nanos = System.nanoTime();
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    if (millis - lastTick >= 1) {
      lastTick = millis;
      computation.progressed(millis).forEach(cut -> step(new Event.Progressed(cut)));
      step(new Event.Tick(millis, PartitionSetup.utcMinute()));
    }
    view.update(nanos, machine(), shelf());
  }

  private void step(Event event) {
    for (Effect effect : machine().step(event)) {
      perform(effect);
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Broadcast broadcast -> {
        if (broadcast.message().getContent() instanceof Agreement agreement) {
          clock.cut(agreement.getBatch(), agreement.getCut());
        }
        correspondence.broadcast(broadcast.message());
      }
      case Effect.Send send -> correspondence.send(send.peer(), send.message());
      case Effect.Compute compute -> compute(compute);
      case Effect.CancelCompute cancel -> computation.cancel(cancel.cut());
      case Effect.Forget forget -> {
        clock.abandoned(forget.cut());
        results.abandon(forget.cut());
      }
      case Effect.PersistVote vote -> persist(vote);
      case Effect.Commit commit -> commit(commit.cut());
      case Effect.Alarm alarm -> {
        setup.metrics().alarm(alarm.code().label());
        LOG.atError()
            .addKeyValue("code", alarm.code().label())
            .addKeyValue("partition", setup.partition())
            .addKeyValue("party", setup.settings().aggregators().get(alarm.peer()))
            .addKeyValue("fact", alarm.fact())
            .log(alarm.code().cause());
      }
    }
  }

  private void compute(Effect.Compute compute) {
    CutRecord cut = compute.cut();
    Consumer<Event> ended = event -> inbox.add(() -> ended(cut.getCut(), event));
    results.expect(cut);
    PeerSession current = correspondence.session();
    if (current == null) {
      ended.accept(new Event.ComputeFailed(cut.getCut()));
      return;
    }
    List<Opening.Opened> blocks = new ArrayList<>();
    long oldestNanos = System.nanoTime();
    for (Effect.Position at : compute.blocks()) {
      HeldBlock block = shelf().block(at.bank(), at.sequence());
      if (block == null) {
        throw new IllegalStateException("The machine cuts what is held.");
      }
      blocks.add(block.opened());
      oldestNanos = Math.min(oldestNanos, block.heldNanos());
    }
    clock.agreed(cut.getCut(), oldestNanos);
    CompletableFuture<PartitionState> before =
        cut.getPreviousCut().equals(state.getPreviousCut())
            ? CompletableFuture.completedFuture(state)
            : results.after(cut.getPreviousCut());
    computation.start(
        current, cut, blocks, before, result -> inbox.add(() -> computed(cut, result)), ended);
  }

  private void ended(Digest cut, Event event) {
    computation.ended(cut);
    step(event);
  }

  private void computed(CutRecord cut, Computation.Result result) {
    computation.ended(cut.getCut());
    results.computed(result);
    clock.begin(cut.getCut(), Stage.ORDER);
    step(new Event.Computed(cut.getCut(), result.outcome()));
  }

  private void persist(Effect.PersistVote wanted) {
    ByteBuffer sealed = ByteBuffer.allocate(0);
    if (wanted.kind() == VoteKind.PREPARED) {
      clock.begin(wanted.cut(), Stage.VOTE);
      sealed = ByteBuffer.wrap(log.sealed(results.content(wanted.cut())));
    } else {
      setup.metrics().batch("abandoned");
    }
    Objects.requireNonNull(votes).write(wanted, sealed);
  }

  private void voted(Vote vote, long offset) {
    if (vote.getBatch() >= machine().nextBatch()) {
      commits.voteAt(vote.getBatch(), offset);
      if (vote.getKind() == VoteKind.PREPARED) {
        clock.begin(vote.getCut(), Stage.PEERS);
      }
      step(new Event.VotePersisted(vote));
    }
  }

  private void commit(CutRecord cut) {
    clock.begin(cut.getCut(), Stage.COMMIT);
    PreparedContent content = results.content(cut.getCut());
    PartitionState after = commits.stateAfter(state, content, shelf());
    List<ProducerRecord<byte[], byte[]>> records = commits.records(state, content, after);
    Committer target = Objects.requireNonNull(committer);
    committing =
        Thread.ofVirtual()
            .name("commit-" + setup.partition())
            .start(
                () -> {
                  try {
                    if (target.commit(cut.getBatch(), records)) {
                      inbox.add(() -> committed(content, after));
                    } else {
                      fate.superseded(this);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (RuntimeException | Error e) {
                    setup.halt().accept(e);
                  }
                });
  }

  private void committed(PreparedContent content, PartitionState after) {
    CutRecord cut = content.getCut();
    state = after;
    clock.committed(cut.getBatch(), cut.getCut());
    if (linkage != null) {
      linkage.commit(content);
    }
    step(new Event.Committed(cut.getBatch()));
    report.committed(content, results.flags(cut.getCut()), results.members(cut.getCut()));
    for (CutEntry entry : cut.getEntries()) {
      reader().released(entry.getBank(), shelf().release(entry.getBank(), entry.getNextSequence()));
    }
    results.committed(cut.getBatch());
  }

  private BatchMachine machine() {
    return Objects.requireNonNull(machine);
  }

  private BlockShelf shelf() {
    return Objects.requireNonNull(shelf);
  }

  private BlockReader reader() {
    return Objects.requireNonNull(reader);
  }

  /** Ends what runs; what is under way in a transaction may still end well. */
  @Override
  public void close() throws InterruptedException {
    running = false;
    Committer runs = committer;
    if (runs != null) {
      // At first: until then it would take the partition back from whoever is to have it.
      runs.stop();
    }
    if (!restored) {
      // It waits for brokers, and nothing is under way yet.
      thread.interrupt();
    }
    if (!thread.join(STOP)) {
      thread.interrupt();
      thread.join(STOP);
    }
    computation.cancelAll();
    if (reader != null) {
      reader.close();
    }
    if (committer != null) {
      committer.stop();
      if (committing != null && !committing.join(STOP)) {
        committing.interrupt();
      }
      committer.close();
    }
    if (votes != null) {
      votes.close();
    }
    setup.left();
  }
}
