package org.concordat.aggregator.batch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.concordat.aggregator.batch.Attempt.Phase;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/**
 * From a computed attempt to its commit, or to its end (DESIGN 5, "Commit").
 *
 * <p>A party prepares an attempt only once all have prepared the one before: so a prepared vote
 * never rests on an attempt that could still be abandoned, and to give up a batch is to give up all
 * behind it, which nobody has prepared. Commits are in order.
 */
final class Voting {
  /** How far a peer's votes may be ahead of what this party knows of. */
  static final int ATTEMPTS_AHEAD_MAX = 64;

  /**
   * Attempts, of all batches that aren't committed, beyond which votes on others are left out. Each
   * takes 1 to 2 KiB, and as much at a peer that is told this party's votes and hasn't taken them
   * yet. Honest parties vote on one that another doesn't know of when a session is lost with it,
   * once a session and batch. Attempts that this party works on itself aren't bounded by it: while
   * nothing is agreed on there is one more every few seconds.
   */
  static final int ATTEMPTS_MAX = 1 << 11;

  private static final Digest NO_OUTCOME = new Digest(new byte[32]);

  private final Settings settings;
  private final Progress progress;
  private final BatchWindow window;
  private final Situation situation;
  private final Outbox out;

  /** Peers that were named in this session for a vote that was left out. */
  private final Set<Integer> named = new HashSet<>();

  Voting(
      Settings settings, Progress progress, BatchWindow window, Situation situation, Outbox out) {
    this.settings = settings;
    this.progress = progress;
    this.window = window;
    this.situation = situation;
    this.out = out;
  }

  void forgetSession() {
    named.clear();
  }

  void computed(Event.Computed computed) {
    OpenBatch batch = window.computing(computed.cut());
    if (batch != null) {
      Attempt attempt = batch.attempted();
      attempt.outcome = computed.outcome();
      attempt.phase = Phase.COMPUTED;
      situation.computedMillis = situation.now;
      advance();
    }
  }

  void computeFailed(Digest cut) {
    OpenBatch batch = window.computing(cut);
    if (batch != null) {
      giveUp(batch);
    }
  }

  void progressed(Digest cut) {
    OpenBatch batch = window.computing(cut);
    if (batch != null) {
      batch.attempted().progressMillis = situation.now;
    }
  }

  /** The cut of the attempt that is given up, unless it was before. */
  Optional<CutRecord> tooLarge(Event.TooLarge event) {
    if (event.toOneBlock()) {
      // Also where a peer's vote has ended the attempt before.
      situation.cutSize.tooMuch(1);
    }
    OpenBatch batch = window.computing(event.cut());
    if (batch == null) {
      return Optional.empty();
    }
    Attempt attempt = batch.attempted();
    stalled(batch, attempt);
    return Optional.of(attempt.cut);
  }

  /** Gives up an attempt that takes too long; if it was being computed, fewer rows may do. */
  void stalled(OpenBatch batch, Attempt attempt) {
    if (attempt.isComputed()) {
      situation.cutSize.tooMuch(attempt.rows());
    }
    giveUp(batch);
  }

  /** Prepares and commits what is next, as far as it may be. */
  private void advance() {
    for (OpenBatch batch : window.all()) {
      Attempt attempt = batch.attempt;
      if (attempt == null) {
        break;
      }
      Digest outcome = attempt.outcome;
      if (attempt.phase == Phase.COMPUTED && outcome != null) {
        attempt.phase = Phase.PREPARING;
        persist(batch, attempt.number, VoteKind.PREPARED, attempt.cut.getCut(), outcome);
      }
      if (!attempt.isFirm()) {
        break;
      }
    }
    Attempt first = window.first().attempt;
    if (first != null && first.phase == Phase.STANDING) {
      if (!first.cut.getPreviousCut().equals(progress.previousCut())) {
        throw new IllegalStateException("An attempt stands on a batch that was abandoned.");
      }
      first.phase = Phase.COMMITTING;
      out.add(new Effect.Commit(first.cut));
    }
  }

  /**
   * Gives up a batch's attempt and those behind it. Nobody may start another attempt before this
   * party's word that it has given up is durable.
   */
  void giveUp(OpenBatch first) {
    for (OpenBatch batch : window.from(first)) {
      Attempt attempt = batch.attempt;
      if (attempt != null && attempt.mayBeGivenUp()) {
        if (attempt.phase == Phase.COMPUTING) {
          out.add(new Effect.CancelCompute(attempt.cut.getCut()));
        }
        attempt.phase = Phase.ABANDONING;
        out.add(new Effect.Forget(attempt.cut.getCut()));
        persist(batch, attempt.number, VoteKind.ABANDONED, attempt.cut.getCut(), NO_OUTCOME);
      }
    }
  }

  private void persist(OpenBatch batch, int attempt, VoteKind kind, Digest cut, Digest outcome) {
    if (batch.writing.add(attempt)) {
      out.add(new Effect.PersistVote(batch.number, attempt, kind, cut, outcome));
    }
  }

  void persisted(Vote vote) {
    OpenBatch batch = window.of(vote.getBatch());
    if (batch == null) {
      return;
    }
    batch.writing.remove(vote.getAttempt());
    record(settings.me(), batch, vote);
    // The vote is durable before it is sent: whoever reads it may commit on it (DESIGN 5, Commit).
    if (situation.sessionUp) {
      out.broadcast(vote);
    }
    if (batch.worksOn(vote.getAttempt())) {
      if (vote.getKind() == VoteKind.ABANDONED) {
        close(batch);
      } else {
        batch.attempted().phase = Phase.PREPARED;
      }
    }
    decide(batch);
  }

  /** A peer's vote. */
  void voted(int peer, Vote vote) {
    OpenBatch batch = window.of(vote.getBatch());
    if (batch == null) {
      return;
    }
    int attempt = vote.getAttempt();
    if (attempt < 0
        || attempt > batch.ballot.lastAttempt() + ATTEMPTS_AHEAD_MAX
        || (isOneTooMany(batch, attempt) && !isFirstPrepared(peer, batch, vote))) {
      batch.leftOut = Math.max(batch.leftOut, attempt);
      if (named.add(peer)) {
        out.alarm(Code.CDT_605, peer, "attempt " + attempt);
      }
      return;
    }
    record(peer, batch, vote);
    if (!batch.worksOn(attempt) && batch.ballot.of(settings.me(), attempt).isEmpty()) {
      // A peer worked on an attempt that this party has lost: it must not come to stand later.
      persist(batch, attempt, VoteKind.ABANDONED, vote.getCut(), NO_OUTCOME);
    }
    decide(batch);
  }

  /** Never an attempt that this party works on: without its votes that one couldn't end. */
  private boolean isOneTooMany(OpenBatch batch, int attempt) {
    return !batch.worksOn(attempt)
        && !batch.ballot.knows(attempt)
        && window.attempts() >= ATTEMPTS_MAX;
  }

  /**
   * Whether it is the first that a peer says in this session to have prepared, of those of a batch
   * that there is no room for. An honest peer can't go on before it hears this party's vote on it,
   * and has no other that this party doesn't know of: each needed this party's agreement.
   */
  private static boolean isFirstPrepared(int peer, OpenBatch batch, Vote vote) {
    return vote.getKind() == VoteKind.PREPARED && batch.preparedBeyond.add(peer);
  }

  private void record(int party, OpenBatch batch, Vote vote) {
    Ballot ballot = batch.ballot;
    boolean differed = ballot.outcomesDiffer(vote.getAttempt());
    if (!ballot.add(party, vote)) {
      out.alarm(Code.CDT_603, party, "attempt " + vote.getAttempt());
    }
    if (!differed && ballot.outcomesDiffer(vote.getAttempt())) {
      out.alarm(Code.CDT_604, party, "attempt " + vote.getAttempt());
    }
  }

  /** Lets stand, or lets go, what the votes have decided. */
  private void decide(OpenBatch batch) {
    Attempt attempt = batch.attempt;
    if (attempt == null) {
      return;
    }
    Ballot ballot = batch.ballot;
    boolean dead = ballot.dead(attempt.number);
    if (attempt.mayBeGivenUp() && dead) {
      // Where a peer's clock is the first to find that it takes too long. Of what is lost with a
      // session this party has given up its own before it hears of it.
      stalled(batch, attempt);
    } else if (attempt.mayBeGivenUp() && ballot.otherCut(attempt.number, attempt.cut.getCut())) {
      giveUp(batch);
    } else if (attempt.phase == Phase.PREPARED && dead) {
      close(batch);
    } else if (attempt.phase == Phase.PREPARED && ballot.stands(attempt.number)) {
      attempt.phase = Phase.STANDING;
      advance();
    }
  }

  private void close(OpenBatch batch) {
    boolean exhausted = batch.retries.exhausted();
    batch.retries.failed(batch.attempted().drewMasks && situation.sessionUp, situation.now);
    if (!exhausted && batch.retries.exhausted()) {
      out.alarm(Code.CDT_610, settings.me(), "batch " + batch.number);
    }
    out.add(new Effect.Forget(batch.attempted().cut.getCut()));
    batch.attempt = null;
    situation.announce = true;
    giveUp(batch);
  }

  /**
   * The transaction of the first batch is done.
   *
   * @return its cut
   */
  CutRecord committed(long number) {
    OpenBatch batch = window.first();
    Attempt attempt = batch.attempted();
    if (number != batch.number || attempt.phase != Phase.COMMITTING) {
      throw new IllegalStateException("A commit that was not asked for.");
    }
    window.committed(attempt.cut);
    situation.cutSize.committed(attempt.rows());
    situation.announce = true;
    advance();
    return attempt.cut;
  }

  void recovered(Event.Recovered recovered) {
    Map<Long, List<Vote>> before = new TreeMap<>();
    for (Vote vote : recovered.votes()) {
      OpenBatch batch = window.of(vote.getBatch());
      if (batch != null) {
        record(settings.me(), batch, vote);
      } else {
        before.computeIfAbsent(vote.getBatch(), number -> new ArrayList<>()).add(vote);
      }
    }
    before.forEach(window::remember);
    for (PreparedCut prepared : recovered.prepared()) {
      OpenBatch batch = window.of(prepared.cut().getBatch());
      if (batch != null && !batch.ballot.dead(prepared.attempt())) {
        batch.attempt =
            new Attempt(prepared.attempt(), prepared.cut(), situation.now, Phase.PREPARED);
      }
    }
  }
}
