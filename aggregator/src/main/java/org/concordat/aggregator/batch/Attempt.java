package org.concordat.aggregator.batch;

import java.util.HashSet;
import java.util.Set;
import org.concordat.schemas.record.CutRecord;

/** The attempt that this party works on. */
final class Attempt {
  enum Phase {
    /** Waiting for every party's agreement on the cut. */
    AGREEING,
    /** The plan runs on the shares. */
    COMPUTING,
    /** This party's vote is being written. */
    VOTING,
    /** This party has prepared: only the others' votes decide. */
    PREPARED,
    /** All have prepared; the transaction runs. */
    COMMITTING
  }

  final int number;
  final CutRecord cut;
  final long openedMillis;
  final Set<Integer> agreed = new HashSet<>();
  Phase phase;

  /** Whether masks of this attempt were drawn. */
  boolean computed;

  Attempt(int number, CutRecord cut, long openedMillis, Phase phase) {
    this.number = number;
    this.cut = cut;
    this.openedMillis = openedMillis;
    this.phase = phase;
  }

  /** Whom and what it waits for, for people. */
  Waiting waitsFor(Settings settings, Ballot ballot) {
    return switch (phase) {
      case AGREEING ->
          new Waiting("agreement of ", settings.peersThat(peer -> !agreed.contains(peer)));
      case COMPUTING -> new Waiting("the computation with ", settings.peersThat(peer -> true));
      case VOTING -> Waiting.of("the own vote to be durable");
      case PREPARED ->
          new Waiting("votes of ", settings.peersThat(peer -> ballot.of(peer, number).isEmpty()));
      case COMMITTING -> Waiting.of("the commit");
    };
  }

  boolean mayBeGivenUp() {
    return phase == Phase.AGREEING || phase == Phase.COMPUTING;
  }
}
