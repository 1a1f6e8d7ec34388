package org.concordat.aggregator.batch;

import java.util.List;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PeerMessage;
import org.concordat.schemas.record.Vote;

/** What a machine is told. */
public sealed interface Event {
  /**
   * Time has come this far.
   *
   * @param millis of a clock that never goes back
   * @param utcMinute since 1970, by the machine's clock
   */
  record Tick(long millis, long utcMinute) implements Event {}

  /** A block was opened and verified. */
  record BlockHeld(String bank, long sequence, int rows, Digest header, long watermarkMinute)
      implements Event {}

  /** A block can't be used, for a stable code such as CDT-409. */
  record BlockBad(String bank, long sequence, String reason) implements Event {}

  /** This party can score by these later rule sets too, from now on. */
  record RuleSetsReady(List<RuleSetId> later) implements Event {}

  /** Links to all peers are up, under fresh keys. */
  record SessionUp() implements Event {}

  /** A link was lost, and with it every attempt that isn't prepared. */
  record SessionDown() implements Event {}

  /** A peer's message; a vote in it carries the peer's valid signature. */
  record FromPeer(int peer, PeerMessage message) implements Event {}

  /**
   * An attempt was computed; nothing of it has left this party.
   *
   * @param cut of the attempt: a late result of an earlier batch must not pass for this one's
   */
  record Computed(Digest cut, Digest outcome) implements Event {}

  /** The computation of an attempt has come further: it isn't stuck, however long it takes. */
  record Progressed(Digest cut) implements Event {}

  /**
   * An attempt has too much to compute, or to vote on; all parties find so of the same cut. Of one
   * block it is the latter.
   *
   * @param toOneBlock whether the next cut is to have one block, not half the rows: each attempt at
   *     an epoch's first batch draws another key, under which rows are compared anew
   */
  record TooLarge(Digest cut, boolean toOneBlock) implements Event {}

  /** An attempt can't be computed any more. */
  record ComputeFailed(Digest cut) implements Event {}

  /** This party's vote is durable, and the first that it wrote on its attempt. */
  record VotePersisted(Vote vote) implements Event {}

  /** Alerts, cut and state of the batch are committed. */
  record Committed(long batch) implements Event {}

  /** Own votes found at start, on the last committed batches and on those after them. */
  record Recovered(List<Vote> votes, List<PreparedCut> prepared) implements Event {}
}
