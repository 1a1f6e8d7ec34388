package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** One machine, its peers played by the test. */
final class MachineHarness {
  static final List<String> BANKS = List.of("bank-a", "bank-b");
  static final long MINUTE = 20_000L * 24 * 60 + 700;

  final Settings settings;
  final BatchMachine machine;
  final List<Effect> effects = new ArrayList<>();
  long now = 1_000;

  MachineHarness(int me) {
    this(me, Progress.initial());
  }

  MachineHarness(int me, Progress progress) {
    settings = Batches.settings(me, BANKS);
    machine = new BatchMachine(settings, progress);
  }

  /** A machine with its session up, and peers that offer the same blocks. */
  static MachineHarness ready(int me, Event.BlockHeld... blocks) {
    var harness = new MachineHarness(me);
    harness.sessionUp();
    for (Event.BlockHeld block : blocks) {
      harness.step(block);
    }
    return harness;
  }

  /** Takes an event; its effects are those since the last call. */
  MachineHarness step(Event event) {
    effects.clear();
    effects.addAll(machine.step(event));
    return this;
  }

  MachineHarness sessionUp() {
    step(new Event.Tick(now, MINUTE));
    return step(new Event.SessionUp());
  }

  MachineHarness tickAfter(long millis) {
    now += millis;
    return step(new Event.Tick(now, MINUTE));
  }

  MachineHarness from(int peer, Object content) {
    return step(new Event.FromPeer(peer, new PeerMessage(content)));
  }

  /** Peers announce how far they are with banks a and b. */
  MachineHarness announced(int peer, long batch, long offeredA, long offeredB, Complaint... of) {
    Map<String, Long> offered = new HashMap<>();
    offered.put("bank-a", offeredA);
    offered.put("bank-b", offeredB);
    return from(peer, new Announcement(0, batch, offered, List.of(of)));
  }

  /** What the leader, party 0, would propose if it held these blocks. */
  static Proposal proposal(Progress progress, int attempt, Event.BlockHeld... blocks) {
    return proposal(progress, attempt, Batches.ROWS_MAX, blocks);
  }

  /** As above, by a limit of its own. */
  static Proposal proposal(Progress progress, int attempt, int rowsMax, Event.BlockHeld... blocks) {
    Settings leader = Batches.settings(0, BANKS);
    var inventory = new Inventory(leader, progress);
    for (Event.BlockHeld block : blocks) {
      inventory.hold(block);
    }
    var cutting =
        new Cutting(leader, inventory, new LeaderWatch(leader), new ReadyRuleSets(leader));
    Map<String, Long> offered = new HashMap<>();
    BANKS.forEach(bank -> offered.put(bank, inventory.offered(bank)));
    var announcement = new Announcement(0, progress.nextBatch(), offered, List.of());
    return cutting
        .propose(
            progress,
            rowsMax,
            attempt,
            MINUTE,
            Map.of(0, announcement, 1, announcement, 2, announcement))
        .orElseThrow();
  }

  static Proposal proposal(int attempt, Event.BlockHeld... blocks) {
    return proposal(Progress.initial(), attempt, blocks);
  }

  /** A proposal that was tampered with, its hash made to fit. */
  static Proposal changed(Proposal honest, UnaryOperator<CutRecord.Builder> change) {
    CutRecord cut = change.apply(CutRecord.newBuilder(honest.getCut())).build();
    return new Proposal(
        CutRecord.newBuilder(cut).setCut(CutHashes.cut(cut)).build(), honest.getHeaderDigests());
  }

  /** Bank a's first block of 100 rows scored, of bank b what follows from skips. */
  static Proposal skipping(long nextOfB, Skip... skips) {
    Event.BlockHeld first = Batches.block("bank-a", 0, 100);
    return changed(
        proposal(0, first),
        cut ->
            cut.setEntries(
                    List.of(
                        new CutEntry("bank-a", 0L, 1L, 100, first.watermarkMinute()),
                        new CutEntry("bank-b", 0L, nextOfB, 0, 0L)))
                .setSkips(List.of(skips)));
  }

  static Agreement agreement(CutRecord cut) {
    return new Agreement(0, cut.getBatch(), cut.getAttempt(), cut.getCut());
  }

  /** Another party's vote. */
  static Vote vote(int party, CutRecord cut, VoteKind kind) {
    return vote(party, cut, kind, cut.getCut());
  }

  static Vote vote(int party, CutRecord cut, VoteKind kind, Digest outcome) {
    return Batches.vote(
        Batches.settings(party, BANKS),
        cut.getBatch(),
        cut.getAttempt(),
        kind,
        cut.getCut(),
        outcome);
  }

  /** Answers a wish for a vote as the own log would. */
  MachineHarness persisted() {
    Effect.PersistVote wanted = only(Effect.PersistVote.class);
    return step(
        new Event.VotePersisted(
            Batches.vote(
                settings,
                wanted.batch(),
                wanted.attempt(),
                wanted.kind(),
                wanted.cut(),
                wanted.outcome())));
  }

  <E extends Effect> List<E> all(Class<E> type) {
    return effects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <E extends Effect> E only(Class<E> type) {
    List<E> all = all(type);
    if (all.size() != 1) {
      throw new AssertionError("expected one " + type.getSimpleName() + " in " + effects);
    }
    return all.getFirst();
  }

  /** Contents that went to all peers. */
  <T> List<T> broadcast(Class<T> type) {
    return all(Effect.Broadcast.class).stream()
        .map(b -> b.message().getContent())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  /** The objection sent to the leader. */
  Objection objection() {
    return all(Effect.Send.class).stream()
        .map(send -> send.message().getContent())
        .filter(Objection.class::isInstance)
        .map(Objection.class::cast)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no objection in " + effects));
  }

  List<Standing> standingsSent() {
    return all(Effect.Send.class).stream()
        .map(send -> send.message().getContent())
        .filter(Standing.class::isInstance)
        .map(Standing.class::cast)
        .toList();
  }

  /** Runs a follower through a whole batch. */
  CutRecord runBatch(Proposal proposal) {
    CutRecord cut = proposal.getCut();
    from(0, proposal);
    int other = 3 - settings.me();
    from(other, agreement(cut));
    only(Effect.Compute.class);
    step(new Event.Computed(cut.getCut(), cut.getCut()));
    persisted();
    from(0, vote(0, cut, VoteKind.PREPARED));
    from(other, vote(other, cut, VoteKind.PREPARED));
    only(Effect.Commit.class);
    step(new Event.Committed(cut.getBatch()));
    return cut;
  }
}
