package org.concordat.aggregator.batch;

import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Announcement;
import org.concordat.schemas.record.Complaint;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Proposal;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.ScoredSpans;
import org.concordat.schemas.record.Standing;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/**
 * The batch protocol of one party for one partition (DESIGN 5, "Cuts", "Order", "Commit"): announce
 * what is held, cut at the minimum, agree on the cut's hash, compute, vote durably, commit when all
 * have prepared. Several batches may be in flight ({@link BatchWindow}): while one is computed or
 * committed, the next are cut, agreed to and computed on what it will leave behind.
 *
 * <p>What it keeps: a batch is committed only after every party has durably prepared the same cut
 * with the same outcome, and after the batch before it; a party that may have lost an attempt
 * abandons it durably before any other attempt starts, and with it those behind it; nothing is
 * applied before the commit. So each row of a cut is scored once, by the rule set that the cut
 * names and every party was ready for, whatever stops in between. What it does NOT keep: a party
 * that lies about its votes can hold up a partition, or make honest parties commit what it computed
 * wrongly; suites that verify find the latter.
 *
 * <p>Deterministic: the same events give the same effects. {@link Agreeing} holds the way to a cut
 * that all agree to, {@link Voting} the way from there.
 */
public final class BatchMachine {
  static final Code HEADERS_DIFFER = Code.CDT_602;

  private final Settings settings;
  private final Progress progress;
  private final BatchWindow window;
  private final Situation situation;
  private final Inventory inventory;
  private final RollCall rollCall;
  private final ReadyRuleSets ruleSets;
  private final RuleSetAlarms ruleSetAlarms;
  private final LeaderWatch watch;
  private final Voting voting;
  private final Agreeing agreeing;
  private final Outbox out = new Outbox();

  /**
   * @param progress as the last committed batch left it; changed by this machine alone
   */
  public BatchMachine(Settings settings, Progress progress) {
    RecordCodec.trustRecords();
    this.settings = settings;
    this.progress = progress;
    this.situation = new Situation(settings);
    this.window = new BatchWindow(settings, progress);
    this.inventory = new Inventory(settings, progress);
    this.rollCall = new RollCall(settings);
    this.ruleSets = new ReadyRuleSets(settings);
    this.ruleSetAlarms = new RuleSetAlarms(settings, progress, ruleSets, out);
    this.watch = new LeaderWatch(settings);
    this.voting = new Voting(settings, progress, window, situation, out);
    this.agreeing =
        new Agreeing(
            settings, progress, window, situation, inventory, rollCall, watch, ruleSets, voting,
            out);
  }

  /** Takes one event and says what is to be done, in order. */
  public List<Effect> step(Event event) {
    switch (event) {
      case Event.Tick tick -> tick(tick);
      case Event.BlockHeld block -> {
        inventory.hold(block);
        situation.announce = true;
      }
      case Event.BlockBad bad ->
          inventory.unusable(bad.bank(), bad.sequence(), bad.reason(), situation.now);
      case Event.RuleSetsReady ready -> {
        if (ruleSets.take(ready.later())) {
          situation.announce = true;
          ruleSetAlarms.ruleSetsCame();
          ruleSetAlarms.inForce(rollCall);
        }
      }
      case Event.SessionUp up -> sessionUp();
      case Event.SessionDown down -> sessionDown();
      case Event.FromPeer message -> fromPeer(message.peer(), message.message());
      case Event.Computed computed -> voting.computed(computed);
      case Event.Progressed progressed -> voting.progressed(progressed.cut());
      case Event.TooLarge tooLarge -> voting.tooLarge(tooLarge).ifPresent(this::letGo);
      case Event.ComputeFailed failed -> voting.computeFailed(failed.cut());
      case Event.VotePersisted persisted -> {
        voting.persisted(persisted.vote());
        requireNotAbandoned(persisted.vote());
      }
      case Event.Committed committed -> {
        CutRecord cut = voting.committed(committed.batch());
        inventory.prune();
        watch.committed(cut);
        ruleSetAlarms.inForce(rollCall);
      }
      case Event.Recovered recovered -> recovered(recovered);
    }
    agreeing.resume();
    return out.drain();
  }

  /** The next batch's number. */
  public long nextBatch() {
    return progress.nextBatch();
  }

  /** The next sequence to be committed. */
  public long nextSequence(String bank) {
    return progress.nextSequence(bank);
  }

  /** Batches that are cut and not committed. */
  public int inFlight() {
    return window.inFlight();
  }

  /** Rows of those batches. */
  public long rowsInFlight() {
    return window.rowsInFlight();
  }

  Kept kept() {
    return window.kept(inventory.size());
  }

  /** Whom and what this party waits for. */
  public Waiting waiting() {
    if (!situation.sessionUp) {
      return Waiting.of("links to all peers");
    }
    OpenBatch first = window.first();
    if (first.attempt != null) {
      return first.attempt.waitsFor(settings, first.ballot);
    }
    List<Integer> silent = rollCall.missing(progress.nextBatch());
    if (silent.isEmpty() && lacksRuleSet()) {
      return ruleSets.waitsFor(settings, rollCall.announcements(), progress.ruleSet());
    }
    return first.retries.exhausted()
        ? Waiting.of("a new session: too many attempts have failed")
        : silent.isEmpty() ? Waiting.of("blocks") : new Waiting("announcements of ", silent);
  }

  /** The same for people. */
  public String waitingFor() {
    return waiting().text(settings);
  }

  /**
   * A block that is too large by itself is so in any batch: no other cut would do, and the bank has
   * to send its rows in smaller ones. Who was told by a peer that the attempt is over offers it
   * still; the complaint of one party has it skipped.
   */
  private void letGo(CutRecord cut) {
    List<ScoredSpans.Span> spans =
        ScoredSpans.of(cut).orElseThrow().values().stream().flatMap(List::stream).toList();
    if (spans.size() == 1 && spans.getFirst().blocks() == 1) {
      ScoredSpans.Span block = spans.getFirst();
      inventory.letGo(
          new Complaint(block.bank(), block.first(), block.next(), Code.CDT_411.label()));
    }
  }

  private void tick(Event.Tick tick) {
    situation.now = tick.millis();
    situation.utcMinute = tick.utcMinute();
    situation.announce |= inventory.refresh(situation.now, rollCall);
    if (!situation.sessionUp) {
      return;
    }
    // Until a peer has spoken, it may be reading its state and take no messages; nothing is cut
    // without its word either, and what is sent to it meanwhile could cost all partitions the link.
    if (situation.announce && (!situation.announced || rollCall.isComplete())) {
      situation.announce = false;
      situation.announced = true;
      out.broadcast(agreeing.announcement());
    }
    watchLeader();
    endStall();
    if (settings.me() == settings.leader()) {
      agreeing.propose();
    }
  }

  /**
   * A follower that lies about where it stands can shield a leader that cuts nothing, as it can by
   * offering no blocks: then the partition stands still and nobody is accused. What cuts leave out
   * is counted all the same.
   */
  private void watchLeader() {
    if (!window.isIdle()
        || lacksRuleSet()
        || window.first().retries.exhausted()
        || !rollCall.followersStandAt(progress.nextBatch())) {
      // While an attempt is open or too many have failed, or somebody isn't ready for the rules or
      // stands at another batch, a delay may be anyone's.
      watch.startAnew(situation.now);
    }
    for (String bank : watch.overdue(situation.now, this::scorable)) {
      if (settings.me() != settings.leader()) {
        out.alarm(Code.CDT_607, settings.leader(), bank);
      }
    }
  }

  /** Whether no cut can be made since no rule set may score it at all parties. */
  private boolean lacksRuleSet() {
    return ruleSets.common(rollCall.announcements().values(), progress.ruleSet()).isEmpty();
  }

  /** The shell gives the rule sets that it has before it tells what it found. */
  private void recovered(Event.Recovered recovered) {
    voting.recovered(recovered);
    ruleSetAlarms.inForce(rollCall);
  }

  private boolean scorable(String bank) {
    long next = progress.nextSequence(bank);
    return inventory.offered(bank) > next && rollCall.allOffer(bank, next);
  }

  /**
   * Attempts compute side by side: as long as any comes to its end, those behind it may wait. One
   * that comes further may take as long as it takes; a peer that sends ever so little in time can
   * hold up a partition by that, as it can by sending nothing.
   */
  private void endStall() {
    for (OpenBatch batch : window.all()) {
      Attempt attempt = batch.attempt;
      if (attempt != null && attempt.mayStall()) {
        long since = Math.max(attempt.progressMillis, situation.computedMillis);
        if (situation.now - since > settings.stallMillis()) {
          voting.stalled(batch, attempt);
        }
        return;
      }
    }
  }

  private void sessionUp() {
    situation.sessionUp = true;
    window.all().forEach(batch -> batch.retries.newSession());
    situation.cutSize.newSession();
    forgetSession();
    situation.announce = true;
    agreeing.standings().forEach(out::broadcast);
  }

  private void sessionDown() {
    situation.sessionUp = false;
    forgetSession();
    voting.giveUp(window.first());
  }

  private void forgetSession() {
    rollCall.clear();
    watch.clear();
    situation.announced = false;
    voting.forgetSession();
    window.all().forEach(OpenBatch::forgetSession);
  }

  private void fromPeer(int peer, PeerMessage message) {
    switch (message.getContent()) {
      case Announcement announcement -> {
        rollCall.take(peer, announcement);
        ruleSetAlarms.announced(peer, announcement);
        ruleSetAlarms.inForce(rollCall);
      }
      case Proposal proposal -> agreeing.proposed(peer, proposal);
      case Agreement agreement -> agreeing.agreed(peer, agreement);
      case Objection objection -> agreeing.objected(objection);
      case Standing standing -> stands(peer, standing);
      case Vote vote -> voting.voted(peer, vote);
      default -> throw new IllegalStateException("The schema knows no other content.");
    }
  }

  private void stands(int peer, Standing standing) {
    long ahead = standing.getNextBatch() - progress.nextBatch();
    if (Math.abs(ahead) > Settings.BATCHES_IN_FLIGHT_MAX) {
      out.alarm(Code.CDT_605, peer, "batch " + standing.getNextBatch());
    } else if (ahead != 0) {
      requireOwnVote(peer, standing);
    }
    standing.getVotes().forEach(vote -> voting.voted(peer, vote));
    OpenBatch first = window.first();
    if (ahead > 0 && first.leftOut < 0) {
      requireNotAbandoned(first, first.ballot.lastPrepared(peer), peer);
    }
  }

  /** A vote is durable: peers may be past the batch. */
  private void requireNotAbandoned(Vote vote) {
    OpenBatch batch = window.of(vote.getBatch());
    if (batch != null && batch.leftOut < 0) {
      rollCall
          .announcements()
          .forEach(
              (peer, announcement) -> {
                int attempt = batch.ballot.lastPrepared(peer);
                if (announcement.getNextBatch() > batch.number && attempt == vote.getAttempt()) {
                  requireNotAbandoned(batch, attempt, peer);
                }
              });
    }
  }

  /**
   * Names this party itself where it has given up what a peer has committed: the vote by which the
   * peer could is gone, or this one would not be the first on its attempt.
   *
   * @param attempt the last one that the peer has prepared
   */
  private void requireNotAbandoned(OpenBatch batch, int attempt, int peer) {
    boolean abandoned =
        batch
            .ballot
            .of(settings.me(), attempt)
            .filter(vote -> vote.getKind() == VoteKind.ABANDONED)
            .isPresent();
    if (abandoned) {
      String committed = settings.aggregators().get(peer) + " has committed it";
      out.alarm(Code.CDT_605, settings.me(), "no vote on batch " + batch.number + ", " + committed);
    }
  }

  /**
   * Names this party itself where its vote is gone on a batch that one of two parties has committed
   * and the other hasn't: nobody commits without it, and it can't be given again.
   */
  private void requireOwnVote(int peer, Standing standing) {
    long batch = Math.min(standing.getNextBatch(), progress.nextBatch());
    boolean prepared =
        window.ownVotes().stream()
            .anyMatch(vote -> vote.getBatch() == batch && vote.getKind() == VoteKind.PREPARED);
    if (!prepared) {
      String stands = settings.aggregators().get(peer) + " stands at " + standing.getNextBatch();
      out.alarm(Code.CDT_605, settings.me(), "no vote on batch " + batch + ", " + stands);
    }
  }
}
