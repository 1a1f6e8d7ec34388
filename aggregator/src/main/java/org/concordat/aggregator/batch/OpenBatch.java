package org.concordat.aggregator.batch;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.concordat.schemas.record.Agreement;
import org.concordat.schemas.record.Proposal;
import org.jspecify.annotations.Nullable;

/** A batch that isn't committed yet: the votes on it, and the attempt that this party works on. */
final class OpenBatch {
  /** How far attempts may be ahead on which votes were left out: what a leader needs days for. */
  private static final int HEARD_AHEAD_MAX = Voting.ATTEMPTS_MAX * Voting.ATTEMPTS_AHEAD_MAX;

  final long number;
  final Ballot ballot;
  final Retries retries;

  /** By peer: what it last agreed to. */
  final Map<Integer, Agreement> agreements = new HashMap<>();

  /** Attempts on which this party's vote is being written. */
  final Set<Integer> writing = new HashSet<>();

  /** Peers of which a prepared vote was taken in this session though there was no room for it. */
  final Set<Integer> preparedBeyond = new HashSet<>();

  /** The last attempt on which a peer's vote was left out in this session, or -1. */
  int leftOut = -1;

  /** How often the leader has begun it, in this session, elsewhere than the last commit ends. */
  int otherBases;

  @Nullable Attempt attempt;

  /** The leader's proposal, where this party can't take it up yet. */
  @Nullable Proposal deferred;

  OpenBatch(long number, Settings settings) {
    this.number = number;
    this.ballot = new Ballot(settings.parties());
    this.retries = new Retries(settings);
  }

  /** The attempt that this party works on. */
  Attempt attempted() {
    Attempt open = attempt;
    if (open == null) {
      throw new IllegalStateException("No attempt is open.");
    }
    return open;
  }

  boolean worksOn(int number) {
    return attempt != null && attempt.number == number;
  }

  /**
   * The attempt that a leader goes on with: behind all that it knows, and behind what a peer knows
   * beside that, which could follow no other. Never farther ahead than peers may follow.
   */
  int nextAttempt() {
    int last = ballot.lastAttempt();
    return Math.clamp(leftOut, last, last + Voting.ATTEMPTS_AHEAD_MAX - 1) + 1;
  }

  /**
   * The last attempt that this party has heard of, also where there was no room for the votes on
   * it: a leader may have gone on for long without this party. Not as far as any peer may say.
   */
  int lastHeard() {
    long last = ballot.lastAttempt();
    long most = Math.max(last, Math.min(last + HEARD_AHEAD_MAX, Integer.MAX_VALUE / 2));
    return (int) Math.clamp((long) leftOut, last, most);
  }

  void forgetSession() {
    preparedBeyond.clear();
    leftOut = -1;
    otherBases = 0;
    agreements.clear();
    deferred = null;
  }
}
