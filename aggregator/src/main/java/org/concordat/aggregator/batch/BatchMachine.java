package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  private static final int BACKOFF_DOUBLINGS_MAX = 6;
  private static final Digest NO_OUTCOME = new Digest(new byte[32]);

  private final Settings settings;
  private final Progress progress;
  private final Inventory inventory;
  private final Cutting cutting;
  private final Map<Integer, Announcement> announcements = new HashMap<>();
  private final Map<String, Long> leftOutSince = new HashMap<>();
  private List<Effect> effects = new ArrayList<>();
  private Ballot ballot;
  private List<Vote> lastBatchVotes = List.of();
  private @Nullable Attempt open;
  private boolean sessionUp;
  private boolean announce;
  private long now;
  private long utcDay;
  private long notBefore;
  private int failures;

  /**
   * @param progress as the last committed batch left it; changed by this machine alone
   */
  public BatchMachine(Settings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
    this.inventory = new Inventory(settings, progress);
    this.cutting = new Cutting(settings, progress, inventory);
    this.ballot = new Ballot(settings.parties());
  }

  /** Takes one event and says what is to be done, in order. */
  public List<Effect> step(Event event) {
    effects = new ArrayList<>();
    switch (event) {
      case Event.Tick tick -> tick(tick);
      case Event.BlockHeld block -> {
        inventory.hold(block);
        announce = true;
      }
      case Event.BlockBad bad -> {
        inventory.complain(bad.bank(), bad.sequence(), bad.reason());
        announce = true;
      }
      case Event.SessionUp up -> sessionUp();
      case Event.SessionDown down -> sessionDown();
      case Event.FromPeer message -> fromPeer(message.peer(), message.message());
      case Event.Computed computed -> computed(computed);
      case Event.ComputeFailed failed -> {
        if (isOpen(failed.attempt(), Phase.COMPUTING)) {
          giveUp();
        }
      }
      case Event.VotePersisted persisted -> votePersisted(persisted.vote());
      case Event.Committed committed -> committed(committed.batch());
      case Event.Recovered recovered -> recovered(recovered);
    }
    return effects;
  }

  /** The next batch's number. */
  public long nextBatch() {
    return progress.nextBatch();
  }

  /** The next sequence to be cut. */
  public long nextSequence(String bank) {
    return progress.nextSequence(bank);
  }

  /** Whom and what this party waits for, for people. */
  public String waitingFor() {
    if (!sessionUp) {
      return "links to all peers";
    }
    Attempt attempt = open;
    if (attempt == null) {
      return announcements.size() + 1 < settings.parties()
          ? "announcements of " + names(p -> !announcements.containsKey(p))
          : "blocks";
    }
    return switch (attempt.phase) {
      case AGREEING -> "agreement of " + names(p -> !attempt.agreed.contains(p));
      case COMPUTING -> "the computation";
      case VOTING -> "the own vote to be durable";
      case PREPARED -> "votes of " + names(p -> ballot.of(p, attempt.number).isEmpty());
      case COMMITTING -> "the commit";
    };
  }

  private String names(java.util.function.IntPredicate which) {
    return IntStream.range(0, settings.parties())
        .filter(p -> p != settings.me())
        .filter(which)
        .mapToObj(p -> settings.aggregators().get(p))
        .collect(Collectors.joining(", "));
  }

  private void tick(Event.Tick tick) {
    now = tick.millis();
    utcDay = tick.utcDay();
    announce |= inventory.noticeGaps(now, Code.CDT_601.label());
    if (!sessionUp) {
      return;
    }
    if (announce) {
      announce = false;
      broadcast(announcement());
    }
    Attempt attempt = open;
    if (attempt != null
        && attempt.mayBeGivenUp()
        && now - attempt.openedMillis > settings.stallMillis()) {
      giveUp();
    } else if (attempt == null && now >= notBefore) {
      if (settings.me() == settings.leader()) {
        propose();
      } else {
        watchLeader();
      }
    }
  }

  private Announcement announcement() {
    Map<String, Long> offered = new HashMap<>();
    settings.banks().forEach(bank -> offered.put(bank, inventory.offered(bank)));
    return new Announcement(
        settings.partition(), progress.nextBatch(), offered, inventory.complaints());
  }

  private void propose() {
    if (announcements.size() + 1 < settings.parties()) {
      return;
    }
    int number = ballot.lastAttempt() + 1;
    if (!ballot.allDeadBefore(number)) {
      return;
    }
    Map<Integer, Announcement> all = new HashMap<>(announcements);
    all.put(settings.me(), announcement());
    Optional<Proposal> proposal = cutting.propose(number, utcDay, all);
    if (proposal.isPresent()) {
      broadcast(proposal.get());
      agree(proposal.get().getCut());
    }
  }

  /** A leader that leaves out what everyone could score is named to people (DESIGN 5, "Cuts"). */
  private void watchLeader() {
    for (String bank : settings.banks()) {
      boolean ready =
          announcements.size() + 1 == settings.parties()
              && inventory.offered(bank) > progress.nextSequence(bank)
              && announcements.values().stream()
                  .allMatch(
                      a -> a.getOffered().getOrDefault(bank, 0L) > progress.nextSequence(bank));
      if (!ready) {
        leftOutSince.remove(bank);
      } else if (now - leftOutSince.computeIfAbsent(bank, b -> now) > settings.stallMillis()) {
        leftOutSince.put(bank, now);
        effects.add(new Effect.Alarm(Code.CDT_607, settings.leader(), bank));
      }
    }
  }

  private void sessionUp() {
    sessionUp = true;
    announcements.clear();
    announce = true;
    broadcast(standing());
  }

  private Standing standing() {
    List<Vote> votes = new ArrayList<>(lastBatchVotes);
    votes.addAll(ballot.of(settings.me()));
    return new Standing(settings.partition(), progress.nextBatch(), votes);
  }

  private void sessionDown() {
    sessionUp = false;
    announcements.clear();
    if (open != null && open.mayBeGivenUp()) {
      giveUp();
    }
  }

  /** Nobody may start another attempt before this party's word that it has given up is durable. */
  private void giveUp() {
    Attempt attempt = opened();
    if (attempt.phase == Phase.COMPUTING) {
      effects.add(new Effect.CancelCompute(attempt.number));
    }
    attempt.phase = Phase.VOTING;
    effects.add(
        new Effect.PersistVote(
            progress.nextBatch(),
            attempt.number,
            VoteKind.ABANDONED,
            attempt.cut.getCut(),
            NO_OUTCOME));
  }

  private void fromPeer(int peer, PeerMessage message) {
    switch (message.getContent()) {
      case Announcement announcement -> announced(peer, announcement);
      case Proposal proposal -> proposed(peer, proposal);
      case Agreement agreement -> agreed(peer, agreement);
      case Objection objection -> objected(peer, objection);
      case Standing standing -> stands(peer, standing);
      case Vote vote -> voted(peer, vote);
      default -> throw new IllegalStateException("The schema knows no other content.");
    }
  }

  private void announced(int peer, Announcement announcement) {
    announcements.put(peer, announcement);
  }

  private void proposed(int peer, Proposal proposal) {
    CutRecord cut = proposal.getCut();
    if (peer != settings.leader()) {
      effects.add(new Effect.Alarm(Code.CDT_606, peer, "not the leader"));
      return;
    }
    if (cut.getBatch() != progress.nextBatch()
        || open != null
        || !ballot.allDeadBefore(cut.getAttempt())
        || cut.getAttempt() <= ballot.lastAttempt()) {
      // The leader doesn't know all that this party knows.
      effects.add(new Effect.Send(peer, new PeerMessage(standing())));
      object(peer, cut, "standing", List.of());
      return;
    }
    Cutting.Check check = cutting.check(proposal, utcDay);
    if (check.reason().isEmpty()) {
      agree(cut);
      return;
    }
    for (Complaint dispute : check.disputes()) {
      inventory.dispute(dispute.getBank(), dispute.getSequence(), dispute.getReason());
      effects.add(new Effect.Alarm(HEADERS_DIFFER, peer, dispute.getBank()));
    }
    if (check.disputes().isEmpty()) {
      effects.add(new Effect.Alarm(Code.CDT_606, peer, check.reason().get()));
    }
    announce = true;
    object(peer, cut, check.reason().get(), check.disputes());
  }

  private void object(int peer, CutRecord cut, String reason, List<Complaint> complaints) {
    effects.add(
        new Effect.Send(
            peer,
            new PeerMessage(
                new Objection(
                    settings.partition(), cut.getBatch(), cut.getAttempt(), reason, complaints))));
  }

  private void agree(CutRecord cut) {
    var attempt = new Attempt(cut.getAttempt(), cut, now, Phase.AGREEING);
    attempt.agreed.add(settings.me());
    // The leader's proposal is its agreement.
    attempt.agreed.add(settings.leader());
    open = attempt;
    broadcast(new Agreement(settings.partition(), cut.getBatch(), cut.getAttempt(), cut.getCut()));
    computeIfAgreed(attempt);
  }

  private void agreed(int peer, Agreement agreement) {
    Attempt attempt = open;
    if (attempt != null
        && agreement.getBatch() == progress.nextBatch()
        && agreement.getAttempt() == attempt.number
        && agreement.getCut().equals(attempt.cut.getCut())) {
      attempt.agreed.add(peer);
      computeIfAgreed(attempt);
    } else if (attempt == null && agreement.getBatch() == progress.nextBatch()) {
      early.put(peer, agreement);
    }
  }

  /** Agreements that came before the leader's proposal did, over another link. */
  private final Map<Integer, Agreement> early = new HashMap<>();

  private void computeIfAgreed(Attempt attempt) {
    early.forEach(
        (peer, agreement) -> {
          if (agreement.getAttempt() == attempt.number
              && agreement.getBatch() == progress.nextBatch()
              && agreement.getCut().equals(attempt.cut.getCut())) {
            attempt.agreed.add(peer);
          }
        });
    early.clear();
    if (attempt.phase == Phase.AGREEING && attempt.agreed.size() == settings.parties()) {
      attempt.phase = Phase.COMPUTING;
      effects.add(new Effect.Compute(attempt.cut, cutting.positionsOf(attempt.cut)));
    }
  }

  private void objected(int peer, Objection objection) {
    Announcement announcement = announcements.get(peer);
    if (announcement != null && !objection.getComplaints().isEmpty()) {
      // Takes effect at once; the peer's next announcement says the same.
      announcements.put(
          peer,
          new Announcement(
              announcement.getPartition(),
              announcement.getNextBatch(),
              announcement.getOffered(),
              objection.getComplaints()));
    }
    if (objection.getBatch() == progress.nextBatch()
        && isOpen(objection.getAttempt(), Phase.AGREEING)) {
      giveUp();
    }
  }

  private void computed(Event.Computed computed) {
    if (isOpen(computed.attempt(), Phase.COMPUTING)) {
      Attempt attempt = opened();
      attempt.phase = Phase.VOTING;
      effects.add(
          new Effect.PersistVote(
              progress.nextBatch(),
              attempt.number,
              VoteKind.PREPARED,
              attempt.cut.getCut(),
              computed.outcome()));
    }
  }

  private void votePersisted(Vote vote) {
    if (vote.getBatch() != progress.nextBatch()) {
      return;
    }
    record(settings.me(), vote);
    // The vote is durable before it is sent: whoever reads it may commit on it (DESIGN 5, Commit).
    if (sessionUp) {
      broadcast(vote);
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
  }

  private void stands(int peer, Standing standing) {
    long ahead = standing.getNextBatch() - progress.nextBatch();
    if (Math.abs(ahead) > 1) {
      effects.add(new Effect.Alarm(Code.CDT_605, peer, "batch " + standing.getNextBatch()));
    }
    standing.getVotes().forEach(vote -> voted(peer, vote));
  }

  private void voted(int peer, Vote vote) {
    if (vote.getBatch() != progress.nextBatch()) {
      return;
    }
    record(peer, vote);
    boolean voted = ballot.of(settings.me(), vote.getAttempt()).isPresent();
    boolean working = open != null && open.number == vote.getAttempt();
    if (!voted && !working) {
      // A peer worked on an attempt that this party has lost: it must not come to stand later.
      effects.add(
          new Effect.PersistVote(
              progress.nextBatch(),
              vote.getAttempt(),
              VoteKind.ABANDONED,
              vote.getCut(),
              NO_OUTCOME));
    }
    decide();
  }

  private void record(int party, Vote vote) {
    if (!ballot.add(party, vote)) {
      effects.add(new Effect.Alarm(Code.CDT_603, party, "attempt " + vote.getAttempt()));
    }
    if (ballot.differ(vote.getAttempt())) {
      effects.add(new Effect.Alarm(Code.CDT_604, party, "attempt " + vote.getAttempt()));
    }
  }

  /** Commits, or lets go, what the votes have decided. */
  private void decide() {
    Attempt attempt = open;
    if (attempt == null) {
      return;
    }
    if (attempt.mayBeGivenUp() && ballot.dead(attempt.number)) {
      giveUp();
    } else if (attempt.phase == Phase.PREPARED) {
      if (ballot.stands(attempt.number)) {
        attempt.phase = Phase.COMMITTING;
        effects.add(new Effect.Commit(attempt.cut));
      } else if (ballot.dead(attempt.number)) {
        close();
      }
    }
  }

  private void close() {
    open = null;
    notBefore = now + (settings.backoffMillis() << Math.min(failures, BACKOFF_DOUBLINGS_MAX));
    failures++;
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
    ballot = new Ballot(settings.parties());
    open = null;
    early.clear();
    leftOutSince.clear();
    failures = 0;
    notBefore = now + settings.intervalMillis();
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

  private boolean isOpen(int attempt, Phase phase) {
    return open != null && open.number == attempt && open.phase == phase;
  }

  private Attempt opened() {
    if (open == null) {
      throw new IllegalStateException("No attempt is open.");
    }
    return open;
  }

  private void broadcast(Object content) {
    effects.add(new Effect.Broadcast(new PeerMessage(content)));
  }
}
