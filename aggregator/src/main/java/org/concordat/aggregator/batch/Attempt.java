package org.concordat.aggregator.batch;

import java.util.HashSet;
import java.util.Set;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.jspecify.annotations.Nullable;

/** The attempt that this party works on. */
final class Attempt {
  enum Phase {
    /** Waiting for every party's agreement on the cut. */
    AGREEING,
    /** The plan runs on the shares. */
    COMPUTING,
    /** Computed; the batch before isn't sure yet to be committed. */
    COMPUTED,
    /** This party's word that it gives up is being written. */
    ABANDONING,
    /** This party's prepared vote is being written. */
    PREPARING,
    /** This party has prepared: only the others' votes decide. */
    PREPARED,
    /** All have prepared: it will be committed, whatever happens. */
    STANDING,
    /** The transaction runs. */
    COMMITTING
  }

  final int number;
  final CutRecord cut;
  final Set<Integer> agreed = new HashSet<>();
  Phase phase;

  /** When its computation last came further; before that, when it was opened. */
  long progressMillis;

  /** Whether masks of this attempt were drawn. */
  boolean drewMasks;

  /** What this party computed, once it has. */
  @Nullable Digest outcome;

  Attempt(int number, CutRecord cut, long openedMillis, Phase phase) {
    this.number = number;
    this.cut = cut;
    this.progressMillis = openedMillis;
    this.phase = phase;
  }

  /** Whom and what it waits for, for people. */
  Waiting waitsFor(Settings settings, Ballot ballot) {
    return switch (phase) {
      case AGREEING ->
          new Waiting("agreement of ", settings.peersThat(peer -> !agreed.contains(peer)));
      case COMPUTING -> new Waiting("the computation with ", settings.peersThat(peer -> true));
      case COMPUTED -> Waiting.of("the batch before");
      case ABANDONING, PREPARING -> Waiting.of("the own vote to be durable");
      case PREPARED ->
          new Waiting("votes of ", settings.peersThat(peer -> ballot.of(peer, number).isEmpty()));
      case STANDING, COMMITTING -> Waiting.of("the commit");
    };
  }

  /** Whether this party may still vote that it gives up. */
  boolean mayBeGivenUp() {
    return switch (phase) {
      case AGREEING, COMPUTING, COMPUTED -> true;
      case ABANDONING, PREPARING, PREPARED, STANDING, COMMITTING -> false;
    };
  }

  /** Whether what stalls it may be somebody's fault. */
  boolean mayStall() {
    return phase == Phase.AGREEING || phase == Phase.COMPUTING;
  }

  /** Whether it may be its size that keeps others from the end that this party is near to. */
  boolean isComputed() {
    return phase == Phase.COMPUTING || phase == Phase.COMPUTED;
  }

  long rows() {
    return cut.getEntries().stream().mapToLong(CutEntry::getRows).sum();
  }

  /** Whether nothing can end it any more. */
  boolean isFirm() {
    return phase == Phase.STANDING || phase == Phase.COMMITTING;
  }
}
