package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.aggregator.batch.Attempt.Phase;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.jspecify.annotations.Nullable;

/**
 * From what the parties announce to a cut that all agree to (DESIGN 5, "Cuts"). One cut at a time
 * is waiting for agreement; batches that are agreed compute while the next is cut.
 */
final class Agreeing {
  /** Votes of one message: a party may have abandoned more attempts than a frame has room for. */
  static final int STANDING_VOTES_MAX = 1_024;

  /**
   * Cuts of one session and batch on another than the one that this party has committed. An honest
   * leader whose party's vote on that one came late doesn't know of it, until it is told.
   */
  static final int OTHER_BASES_MAX = 2;

  private final Settings settings;
  private final Progress progress;
  private final BatchWindow window;
  private final Situation situation;
  private final Inventory inventory;
  private final RollCall rollCall;
  private final LeaderWatch watch;
  private final ReadyRuleSets ruleSets;
  private final Cutting cutting;
  private final Voting voting;
  private final Outbox out;
  private long lastCutMillis = Long.MIN_VALUE / 2;

  Agreeing(
      Settings settings,
      Progress progress,
      BatchWindow window,
      Situation situation,
      Inventory inventory,
      RollCall rollCall,
      LeaderWatch watch,
      ReadyRuleSets ruleSets,
      Voting voting,
      Outbox out) {
    this.settings = settings;
    this.progress = progress;
    this.window = window;
    this.situation = situation;
    this.inventory = inventory;
    this.rollCall = rollCall;
    this.watch = watch;
    this.ruleSets = ruleSets;
    this.cutting = new Cutting(settings, inventory, watch, ruleSets);
    this.voting = voting;
    this.out = out;
  }

  Announcement announcement() {
    Map<String, Long> offered = new HashMap<>();
    settings.banks().forEach(bank -> offered.put(bank, inventory.offered(bank)));
    ruleSets.addTo(offered);
    return new Announcement(
        settings.partition(), progress.nextBatch(), offered, inventory.complaints());
  }

  /** Of all parties that have made one in this session, and of this one, by their index. */
  private Map<Integer, Announcement> announcements() {
    Map<Integer, Announcement> all = new HashMap<>(rollCall.announcements());
    all.put(settings.me(), announcement());
    return all;
  }

  /** Where this party stands, in as many messages as its votes need: one at least. */
  List<Standing> standings() {
    List<Vote> votes = window.ownVotes();
    List<Standing> standings = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(votes.size(), from + STANDING_VOTES_MAX);
      standings.add(
          new Standing(
              settings.partition(), progress.nextBatch(), List.copyOf(votes.subList(from, to))));
      from = to;
    } while (from < votes.size());
    return standings;
  }

  /** As leader: cuts the next batch if it is time. */
  void propose() {
    OpenBatch batch = nextToCut();
    Progress base = batch == null ? null : window.base(batch);
    if (batch == null || base == null || !due(batch) || batch.retries.exhausted()) {
      return;
    }
    int number = batch.nextAttempt();
    // A peer that can't take it up yet could only object: its word is awaited.
    if (!batch.writing.isEmpty()
        || !rollCall.missing(batch.number).isEmpty()
        || !batch.ballot.allDeadBefore(number)) {
      return;
    }
    Optional<Proposal> proposal =
        cutting.propose(
            base, situation.cutSize.rows(), number, situation.utcMinute, announcements());
    if (proposal.isPresent()) {
      out.broadcast(proposal.get());
      agree(batch, proposal.get().getCut());
    }
  }

  /** The first batch without an attempt; null if it has to wait for what is before it. */
  private @Nullable OpenBatch nextToCut() {
    for (OpenBatch batch : window.all()) {
      Attempt attempt = batch.attempt;
      if (attempt == null) {
        return window.admits(batch) ? batch : null;
      }
      if (attempt.phase == Phase.AGREEING) {
        return null;
      }
    }
    return null;
  }

  private boolean due(OpenBatch batch) {
    long wait =
        batch == window.first()
            ? settings.intervalMillis()
            : Math.max(settings.intervalMillis(), settings.aheadMillis());
    return situation.now - lastCutMillis >= wait && batch.retries.due(situation.now);
  }

  /** A peer's word on what a batch is to hold. */
  void proposed(int peer, Proposal proposal) {
    CutRecord cut = proposal.getCut();
    if (peer != settings.leader()) {
      out.alarm(Code.CDT_606, peer, "not the leader");
      return;
    }
    OpenBatch batch = window.of(cut.getBatch());
    if (batch != null && mustWait(batch, cut)) {
      batch.deferred = proposal;
      return;
    }
    Progress base = batch == null ? null : window.base(batch);
    if (batch == null
        || base == null
        || batch.attempt != null
        || !mayFollow(batch, cut.getAttempt())) {
      differ(peer, cut, "standing");
    } else if (!cut.getPreviousCut().equals(base.previousCut())) {
      if (batch == window.first() && ++batch.otherBases == OTHER_BASES_MAX + 1) {
        out.alarm(Code.CDT_606, peer, "previous cut");
      }
      differ(peer, cut, "previous cut");
    } else if (batch.retries.exhausted()) {
      object(peer, cut, "failures", List.of());
    } else {
      consider(peer, batch, base, proposal);
    }
  }

  /** Whether what this party still waits for will let it judge a proposal. */
  private boolean mustWait(OpenBatch batch, CutRecord cut) {
    if (!window.admits(batch)
        || !batch.writing.isEmpty()
        || (batch.attempt != null && batch.attempt.number < cut.getAttempt())) {
      // What ends the attempt before is on its way: another peer's vote, or this party's own.
      return true;
    }
    for (OpenBatch before : window.all()) {
      if (before.number == batch.number) {
        return false;
      }
      boolean ending = before.attempt != null && before.attempt.phase == Phase.ABANDONING;
      if (ending || before.deferred != null) {
        return true;
      }
    }
    return false;
  }

  private static boolean mayFollow(OpenBatch batch, int attempt) {
    return attempt > batch.ballot.lastAttempt()
        && attempt <= batch.lastHeard() + Voting.ATTEMPTS_AHEAD_MAX
        && batch.ballot.allDeadBefore(attempt);
  }

  private void consider(int peer, OpenBatch batch, Progress base, Proposal proposal) {
    CutRecord cut = proposal.getCut();
    switch (cutting.check(base, proposal, situation.utcMinute, announcements())) {
      case Cutting.Check.Right right -> agree(batch, cut);
      case Cutting.Check.Outdated outdated -> object(peer, cut, outdated.reason(), List.of());
      case Cutting.Check.Disputed disputed -> {
        for (Complaint dispute : disputed.disputes()) {
          inventory.letGo(dispute);
          out.alarm(BatchMachine.HEADERS_DIFFER, peer, dispute.getBank());
        }
        // The leader cuts, and another bank's blocks are in the way: its time counts anew.
        watch.startAnew(situation.now);
        object(peer, cut, "headers", disputed.disputes());
      }
      case Cutting.Check.Wrong wrong -> {
        out.alarm(Code.CDT_606, peer, wrong.reason());
        object(peer, cut, wrong.reason(), List.of());
      }
    }
    situation.announce = true;
  }

  /** Goes on with proposals that came early. */
  void resume() {
    for (OpenBatch batch : window.all()) {
      Proposal proposal = batch.deferred;
      if (proposal != null) {
        batch.deferred = null;
        // It may have to wait again, and then those behind it do.
        proposed(settings.leader(), proposal);
      }
    }
  }

  /** One of the two lacks a vote that the other has, on this batch or on one before. */
  private void differ(int peer, CutRecord cut, String reason) {
    standings().forEach(standing -> out.send(peer, standing));
    object(peer, cut, reason, List.of());
  }

  private void object(int peer, CutRecord cut, String reason, List<Complaint> complaints) {
    out.send(
        peer,
        new Objection(settings.partition(), cut.getBatch(), cut.getAttempt(), reason, complaints));
  }

  private void agree(OpenBatch batch, CutRecord cut) {
    var attempt = new Attempt(cut.getAttempt(), cut, situation.now, Phase.AGREEING);
    attempt.agreed.add(settings.me());
    // The leader's proposal is its agreement.
    attempt.agreed.add(settings.leader());
    batch.attempt = attempt;
    lastCutMillis = situation.now;
    out.broadcast(
        new Agreement(settings.partition(), cut.getBatch(), cut.getAttempt(), cut.getCut()));
    computeIfAgreed(batch, attempt);
  }

  void agreed(int peer, Agreement agreement) {
    OpenBatch batch = window.of(agreement.getBatch());
    if (batch == null) {
      return;
    }
    // It may come before the leader's proposal does, over another link.
    batch.agreements.put(peer, agreement);
    if (batch.attempt != null) {
      computeIfAgreed(batch, batch.attempt);
    }
  }

  private void computeIfAgreed(OpenBatch batch, Attempt attempt) {
    batch.agreements.forEach(
        (peer, agreement) -> {
          if (agreement.getAttempt() == attempt.number
              && agreement.getCut().equals(attempt.cut.getCut())) {
            attempt.agreed.add(peer);
          }
        });
    // A peer's agreement to a batch may come before its agreement to the one before.
    if (attempt.phase == Phase.AGREEING
        && attempt.agreed.size() == settings.parties()
        && window.baseIsAgreed(batch)) {
      attempt.phase = Phase.COMPUTING;
      attempt.progressMillis = situation.now;
      attempt.drewMasks = true;
      out.add(new Effect.Compute(attempt.cut, cutting.positionsOf(attempt.cut)));
      OpenBatch next = window.of(batch.number + 1);
      if (next != null && next.attempt != null) {
        computeIfAgreed(next, next.attempt);
      }
    }
  }

  void objected(Objection objection) {
    OpenBatch batch = window.of(objection.getBatch());
    Attempt attempt = batch == null ? null : batch.attempt;
    if (batch != null
        && attempt != null
        && objection.getAttempt() == attempt.number
        && attempt.phase == Phase.AGREEING) {
      if (objection.getReason().equals(Cutting.TOO_MANY_ROWS)) {
        situation.cutSize.refused(attempt.rows());
      }
      voting.giveUp(batch);
    }
  }
}
