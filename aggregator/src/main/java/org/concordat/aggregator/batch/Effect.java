package org.concordat.aggregator.batch;

import java.util.List;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.VoteKind;

/** What a machine wants done, in this order; results come back as events. */
public sealed interface Effect {
  /** To every peer, in order. */
  record Broadcast(PeerMessage message) implements Effect {}

  /** To one peer. */
  record Send(int peer, PeerMessage message) implements Effect {}

  /**
   * Run the plan on these blocks, after the attempt on the previous cut, which may still run; comes
   * back as {@link Event.Computed} or {@link Event.ComputeFailed}.
   */
  record Compute(CutRecord cut, List<Position> blocks) implements Effect {}

  /** Stop computing the attempt on this cut; its result is not wanted. */
  record CancelCompute(Digest cut) implements Effect {}

  /** Nothing of the attempt on this cut is needed any more. */
  record Forget(Digest cut) implements Effect {}

  /**
   * Write this party's vote durably, with the computed content if it is prepared, unless one for
   * the same attempt is there; comes back as {@link Event.VotePersisted} with the first written.
   */
  record PersistVote(long batch, int attempt, VoteKind kind, Digest cut, Digest outcome)
      implements Effect {}

  /** Commit the prepared attempt in one transaction; comes back as {@link Event.Committed}. */
  record Commit(CutRecord cut) implements Effect {}

  /** A person should know: something happened that honest parties don't do. */
  record Alarm(Code code, int peer, String fact) implements Effect {}

  /** A block's place. */
  record Position(String bank, long sequence) {}
}
