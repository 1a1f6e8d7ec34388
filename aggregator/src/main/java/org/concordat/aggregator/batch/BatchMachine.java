package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.aggregator.batch.Attempt.Phase;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.jspecify.annotations.Nullable;

/**
 * The batch protocol of one party for one partition (DESIGN 5, "Cuts", "Order", "Commit"): announce
 * what is held, cut at the minimum, agree on the cut's hash, compute, vote durably, commit when all
 * have prepared. One batch is open at a time.
 *
 * <p>What it keeps: a batch is committed only after every party has durably prepared the same cut
 * with the same outcome; a party that may have lost an attempt abandons it durably before any other
 * attempt starts; nothing is applied before the commit. So each row of a cut is scored once,
 * whatever stops in between. What it does NOT keep: a party that lies about its votes can hold up a
 * partition, or make honest parties commit what it computed wrongly; suites that verify find the
 * latter.
 *
 * <p>Deterministic: the same events give the same effects.
 */
public final class BatchMachine {
  static final Code HEADERS_DIFFER = Code.CDT_602;

  /** How far a peer's votes may be ahead of what this party knows of. */
  static final int ATTEMPTS_AHEAD_MAX = 64;

  private static final Digest NO_OUTCOME = new Digest(new byte[32]);

  private final Settings settings;
  private final Progress progress;
  private final Inventory inventory;
  private final Cutting cutting;
  private final RollCall rollCall;
  private final LeaderWatch watch;
  private final Map<Integer, Agreement> agreements = new HashMap<>();
  private final Set<Integer> writing = new HashSet<>();
  private final Retries retries;
  private final Outbox out = new Outbox();
  private Ballot ballot;
  private List<Vote> lastBatchVotes = List.of();
  private @Nullable Attempt open;
  private @Nullable Proposal deferred;
  private boolean sessionUp;
  private boolean announce;
  private long now;
  private long utcDay;

  /**
   * @param progress as the last committed batch left it; changed by this machine alone
   */
  public BatchMachine(Settings settings, Progress progress) {
    RecordCodec.trustRecords();
    this.settings = settings;
    this.progress = progress;
    this.inventory = new Inventory(settings, progress);
    this.rollCall = new RollCall(settings);
    this.watch = new LeaderWatch(settings);
    this.cutting = new Cutting(settings, progress, inventory, rollCall, watch);
    this.retries = new Retries(settings);
    this.ballot = new Ballot(settings.parties());
  }

  /** Takes one event and says what is to be done, in order. */
  public List<Effect> step(Event event) {
    switch (event) {
      case Event.Tick tick -> tick(tick);
      case Event.BlockHeld block -> {
        inventory.hold(block);
        announce = true;
      }
      case Event.BlockBad bad -> inventory.unusable(bad.bank(), bad.sequence(), bad.reason(), now);
      case Event.SessionUp up -> sessionUp();
      case Event.SessionDown down -> sessionDown();
      case Event.FromPeer message -> fromPeer(message.peer(), message.message());
      case Event.Computed computed -> computed(computed);
      case Event.ComputeFailed failed -> {
        if (isComputing(failed.cut())) {
          giveUp();
        }
      }
      case Event.VotePersisted persisted -> votePersisted(persisted.vote());
      case Event.Committed committed -> committed(committed.batch());
      case Event.Recovered recovered -> recovered(recovered);
    }
    return out.drain();
  }

  /** The next batch's number. */
  public long nextBatch() {
    return progress.nextBatch();
  }

  /** The next sequence to be cut. */
  public long nextSequence(String bank) {
    return progress.nextSequence(bank);
  }

  /** Whom and what this party waits for. */
  public Waiting waiting() {
    if (!sessionUp) {
      return Waiting.of("links to all peers");
    }
    if (open != null) {
      return open.waitsFor(settings, ballot);
    }
    List<Integer> silent = rollCall.missing(progress.nextBatch());
    return retries.exhausted()
        ? Waiting.of("a new session: too many attempts have failed")
        : silent.isEmpty() ? Waiting.of("blocks") : new Waiting("announcements of ", silent);
  }

  /** The same for people. */
  public String waitingFor() {
    return waiting().text(settings);
  }

  private void tick(Event.Tick tick) {
    now = tick.millis();
    utcDay = tick.utcDay();
    announce |= inventory.refresh(now, rollCall);
    if (!sessionUp) {
      return;
    }
    if (announce) {
      announce = false;
      out.broadcast(announcement());
    }
    watchLeader();
    Attempt attempt = open;
    if (attempt != null
        && attempt.mayBeGivenUp()
        && now - attempt.openedMillis > settings.stallMillis()) {
      giveUp();
    } else if (attempt == null && retries.due(now) && settings.me() == settings.leader()) {
      propose();
    }
  }

  private Announcement announcement() {
    Map<String, Long> offered = new HashMap<>();
    settings.banks().forEach(bank -> offered.put(bank, inventory.offered(bank)));
    return new Announcement(
        settings.partition(), progress.nextBatch(), offered, inventory.complaints());
  }

  /** A peer that is still busy with the batch before could only object: its word is awaited. */
  private void propose() {
    int number = ballot.lastAttempt() + 1;
    if (retries.exhausted()
        || !writing.isEmpty()
        || !rollCall.missing(progress.nextBatch()).isEmpty()
        || !ballot.allDeadBefore(number)) {
      return;
    }
    Map<Integer, Announcement> all = new HashMap<>(rollCall.announcements());
    all.put(settings.me(), announcement());
    Optional<Proposal> proposal = cutting.propose(number, utcDay, all);
    if (proposal.isPresent()) {
      out.broadcast(proposal.get());
      agree(proposal.get().getCut());
    }
  }

  private void watchLeader() {
    // While an attempt is open, a delay may be anyone's.
    for (String bank : watch.overdue(now, this::scorable)) {
      if (open == null && settings.me() != settings.leader()) {
        out.alarm(Code.CDT_607, settings.leader(), bank);
      }
    }
  }

  private boolean scorable(String bank) {
    long next = progress.nextSequence(bank);
    return inventory.offered(bank) > next && rollCall.allOffer(bank, next);
  }

  private void sessionUp() {
    sessionUp = true;
    retries.newSession();
    forgetSession();
    announce = true;
    out.broadcast(standing());
  }

  private Standing standing() {
    List<Vote> votes = new ArrayList<>(lastBatchVotes);
    votes.addAll(ballot.of(settings.me()));
    return new Standing(settings.partition(), progress.nextBatch(), votes);
  }

  private void sessionDown() {
    sessionUp = false;
    forgetSession();
    if (open != null && open.mayBeGivenUp()) {
      giveUp();
    }
  }

  private void forgetSession() {
    rollCall.clear();
    watch.clear();
    agreements.clear();
    deferred = null;
  }

  /** Nobody may start another attempt before this party's word that it has given up is durable. */
  private void giveUp() {
    Attempt attempt = opened();
    if (attempt.phase == Phase.COMPUTING) {
      out.add(new Effect.CancelCompute(attempt.number));
    }
    attempt.phase = Phase.VOTING;
    persist(attempt.number, VoteKind.ABANDONED, attempt.cut.getCut(), NO_OUTCOME);
  }

  private void persist(int attempt, VoteKind kind, Digest cut, Digest outcome) {
    if (writing.add(attempt)) {
      out.add(new Effect.PersistVote(progress.nextBatch(), attempt, kind, cut, outcome));
    }
  }

  private void fromPeer(int peer, PeerMessage message) {
    switch (message.getContent()) {
      case Announcement announcement -> rollCall.take(peer, announcement);
      case Proposal proposal -> proposed(peer, proposal);
      case Agreement agreement -> agreed(peer, agreement);
      case Objection objection -> objected(objection);
      case Standing standing -> stands(peer, standing);
      case Vote vote -> voted(peer, vote);
      default -> throw new IllegalStateException("The schema knows no other content.");
    }
  }

  private void proposed(int peer, Proposal proposal) {
    CutRecord cut = proposal.getCut();
    if (peer != settings.leader()) {
      out.alarm(Code.CDT_606, peer, "not the leader");
      return;
    }
    boolean ofNextBatch = cut.getBatch() == progress.nextBatch();
    if (ofNextBatch && (!writing.isEmpty() || (open != null && open.number < cut.getAttempt()))) {
      // What ends the attempt before is on its way: another peer's vote, or this party's own.
      deferred = proposal;
    } else if (!ofNextBatch || open != null || !mayFollow(cut.getAttempt())) {
      // The leader doesn't know all that this party knows.
      out.send(peer, standing());
      object(peer, cut, "standing", List.of());
    } else if (retries.exhausted()) {
      object(peer, cut, "failures", List.of());
    } else {
      consider(peer, proposal);
    }
  }

  private boolean mayFollow(int attempt) {
    int last = ballot.lastAttempt();
    return attempt > last && attempt <= last + ATTEMPTS_AHEAD_MAX && ballot.allDeadBefore(attempt);
  }

  private void consider(int peer, Proposal proposal) {
    CutRecord cut = proposal.getCut();
    switch (cutting.check(proposal, utcDay)) {
      case Cutting.Check.Right right -> agree(cut);
      case Cutting.Check.Outdated outdated -> object(peer, cut, outdated.reason(), List.of());
      case Cutting.Check.Disputed disputed -> {
        for (Complaint dispute : disputed.disputes()) {
          inventory.dispute(dispute);
          out.alarm(HEADERS_DIFFER, peer, dispute.getBank());
        }
        object(peer, cut, "headers", disputed.disputes());
      }
      case Cutting.Check.Wrong wrong -> {
        out.alarm(Code.CDT_606, peer, wrong.reason());
        object(peer, cut, wrong.reason(), List.of());
      }
    }
    announce = true;
  }

  /** Goes on with a proposal that came early. */
  private void resume() {
    Proposal proposal = deferred;
    if (proposal != null && open == null && writing.isEmpty()) {
      deferred = null;
      proposed(settings.leader(), proposal);
    }
  }

  private void object(int peer, CutRecord cut, String reason, List<Complaint> complaints) {
    out.send(
        peer,
        new Objection(settings.partition(), cut.getBatch(), cut.getAttempt(), reason, complaints));
  }

  private void agree(CutRecord cut) {
    var attempt = new Attempt(cut.getAttempt(), cut, now, Phase.AGREEING);
    attempt.agreed.add(settings.me());
    // The leader's proposal is its agreement.
    attempt.agreed.add(settings.leader());
    open = attempt;
    out.broadcast(
        new Agreement(settings.partition(), cut.getBatch(), cut.getAttempt(), cut.getCut()));
    computeIfAgreed(attempt);
  }

  private void agreed(int peer, Agreement agreement) {
    // It may come before the leader's proposal does, over another link.
    agreements.put(peer, agreement);
    if (open != null) {
      computeIfAgreed(open);
    }
  }

  private void computeIfAgreed(Attempt attempt) {
    agreements.forEach(
        (peer, agreement) -> {
          if (agreement.getBatch() == progress.nextBatch()
              && agreement.getAttempt() == attempt.number
              && agreement.getCut().equals(attempt.cut.getCut())) {
            attempt.agreed.add(peer);
          }
        });
    if (attempt.phase == Phase.AGREEING && attempt.agreed.size() == settings.parties()) {
      attempt.phase = Phase.COMPUTING;
      attempt.computed = true;
      out.add(new Effect.Compute(attempt.cut, cutting.positionsOf(attempt.cut)));
    }
  }

  private void objected(Objection objection) {
    Attempt attempt = open;
    if (attempt != null
        && objection.getBatch() == progress.nextBatch()
        && objection.getAttempt() == attempt.number
        && attempt.phase == Phase.AGREEING) {
      giveUp();
    }
  }

  private void computed(Event.Computed computed) {
    if (isComputing(computed.cut())) {
      Attempt attempt = opened();
      attempt.phase = Phase.VOTING;
      persist(attempt.number, VoteKind.PREPARED, attempt.cut.getCut(), computed.outcome());
    }
  }

  private void votePersisted(Vote vote) {
    if (vote.getBatch() != progress.nextBatch()) {
      return;
    }
    writing.remove(vote.getAttempt());
    record(settings.me(), vote);
    // The vote is durable before it is sent: whoever reads it may commit on it (DESIGN 5, Commit).
    if (sessionUp) {
      out.broadcast(vote);
    }
    Attempt attempt = open;
    if (attempt != null && attempt.number == vote.getAttempt()) {
      if (vote.getKind() == VoteKind.ABANDONED) {
        close();
      } else {
        attempt.phase = Phase.PREPARED;
      }
    }
    decide();
    resume();
  }

  private void stands(int peer, Standing standing) {
    long ahead = standing.getNextBatch() - progress.nextBatch();
    if (Math.abs(ahead) > 1) {
      out.alarm(Code.CDT_605, peer, "batch " + standing.getNextBatch());
    }
    standing.getVotes().forEach(vote -> voted(peer, vote));
  }

  private void voted(int peer, Vote vote) {
    if (vote.getBatch() != progress.nextBatch()) {
      return;
    }
    int attempt = vote.getAttempt();
    if (attempt < 0 || attempt > ballot.lastAttempt() + ATTEMPTS_AHEAD_MAX) {
      out.alarm(Code.CDT_605, peer, "attempt " + attempt);
      return;
    }
    record(peer, vote);
    boolean working = open != null && open.number == attempt;
    if (!working && ballot.of(settings.me(), attempt).isEmpty()) {
      // A peer worked on an attempt that this party has lost: it must not come to stand later.
      persist(attempt, VoteKind.ABANDONED, vote.getCut(), NO_OUTCOME);
    }
    decide();
    resume();
  }

  private void record(int party, Vote vote) {
    boolean differed = ballot.outcomesDiffer(vote.getAttempt());
    if (!ballot.add(party, vote)) {
      out.alarm(Code.CDT_603, party, "attempt " + vote.getAttempt());
    }
    if (!differed && ballot.outcomesDiffer(vote.getAttempt())) {
      out.alarm(Code.CDT_604, party, "attempt " + vote.getAttempt());
    }
  }

  /** Commits, or lets go, what the votes have decided. */
  private void decide() {
    Attempt attempt = open;
    if (attempt == null) {
      return;
    }
    if (attempt.mayBeGivenUp()
        && (ballot.dead(attempt.number) || ballot.otherCut(attempt.number, attempt.cut.getCut()))) {
      giveUp();
    } else if (attempt.phase == Phase.PREPARED) {
      if (ballot.stands(attempt.number)) {
        attempt.phase = Phase.COMMITTING;
        out.add(new Effect.Commit(attempt.cut));
      } else if (ballot.dead(attempt.number)) {
        close();
      }
    }
  }

  private void close() {
    boolean exhausted = retries.exhausted();
    retries.failed(opened().computed && sessionUp, now);
    if (!exhausted && retries.exhausted()) {
      out.alarm(Code.CDT_610, settings.me(), "batch " + progress.nextBatch());
    }
    open = null;
    announce = true;
  }

  private void committed(long batch) {
    Attempt attempt = opened();
    if (batch != progress.nextBatch() || attempt.phase != Phase.COMMITTING) {
      throw new IllegalStateException("A commit that was not asked for.");
    }
    lastBatchVotes = ballot.of(settings.me());
    progress.apply(attempt.cut);
    inventory.prune();
    watch.committed(attempt.cut);
    ballot = new Ballot(settings.parties());
    writing.clear();
    open = null;
    deferred = null;
    retries.committed(now);
    announce = true;
  }

  private void recovered(Event.Recovered recovered) {
    List<Vote> before = new ArrayList<>();
    for (Vote vote : recovered.votes()) {
      if (vote.getBatch() == progress.nextBatch()) {
        record(settings.me(), vote);
      } else {
        before.add(vote);
      }
    }
    lastBatchVotes = List.copyOf(before);
    for (PreparedCut prepared : recovered.prepared()) {
      if (!ballot.dead(prepared.attempt())) {
        open = new Attempt(prepared.attempt(), prepared.cut(), now, Phase.PREPARED);
      }
    }
  }

  private boolean isComputing(Digest cut) {
    return open != null && open.phase == Phase.COMPUTING && open.cut.getCut().equals(cut);
  }

  private Attempt opened() {
    if (open == null) {
      throw new IllegalStateException("No attempt is open.");
    }
    return open;
  }
}
