package org.concordat.aggregator.batch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;

/**
 * Which of a process's votes are the first on their attempts in its party's log.
 *
 * <p>First written wins. A vote of a process before this one may reach the log after this one has
 * read it; then the next write shows a gap in the offsets, and what stands in the gap is read
 * before anything is reported. It is kept in mind: this process may write on the same attempt only
 * later, or have written already behind the vote that showed the gap.
 *
 * <p>Deterministic, and for one thread. Whoever drives it tells what is written and read, and then
 * does what is {@link #next}, until there is nothing more.
 */
public final class OwnVotes {
  /** What is to be done. */
  public sealed interface Next {
    /**
     * Read the votes from one offset to before another, and tell {@link OwnVotes#looked}. Nothing
     * else comes before that.
     */
    record Look(long from, long to) implements Next {}

    /** This process's vote is durable, and the first on its attempt. */
    record Report(Vote vote, long offset) implements Next {}

    /** Another process's vote is before this one of this process on its attempt, and stands. */
    record OtherFirst(Vote vote) implements Next {}
  }

  private record Written(Vote vote, long offset) {}

  /**
   * What tells two votes on an attempt apart. The kind isn't enough: another process may have
   * prepared another session's shares. They themselves may take as much as a batch's alerts.
   */
  private record Seen(Signature signature, Digest sealed) {}

  private final Function<Vote, Digest> sealedDigest;

  /** Not reported yet, in the order in which the brokers took them. */
  private final ArrayDeque<Written> written = new ArrayDeque<>();

  /**
   * By batch and attempt: the first of what stood in gaps. Of as many batches as may be in flight.
   */
  private final NavigableMap<Long, Map<Integer, Seen>> between = new TreeMap<>();

  /** The log is known up to here. */
  private long nextOffset;

  /** Whether a gap is being read. */
  private boolean looking;

  /**
   * @param nextOffset where the log ended when it was read
   * @param sealedDigest SHA-256 of what a vote seals
   */
  public OwnVotes(long nextOffset, Function<Vote, Digest> sealedDigest) {
    this.nextOffset = nextOffset;
    this.sealedDigest = sealedDigest;
  }

  /** The brokers have taken a vote of this process. */
  public void written(Vote vote, long offset) {
    written.add(new Written(vote, offset));
  }

  /** These are the votes up to before an offset, as was asked for. */
  public void looked(List<Vote> votes, long to) {
    for (Vote vote : votes) {
      between
          .computeIfAbsent(vote.getBatch(), batch -> new HashMap<>())
          .putIfAbsent(vote.getAttempt(), seen(vote));
    }
    nextOffset = to;
    looking = false;
  }

  /** What is to be done next, as far as the log is known; empty if nothing is. */
  public Optional<Next> next() {
    if (looking || written.isEmpty()) {
      return Optional.empty();
    }
    Written own = written.getFirst();
    if (own.offset() > nextOffset) {
      looking = true;
      return Optional.of(new Next.Look(nextOffset, own.offset()));
    }
    written.removeFirst();
    nextOffset = Math.max(nextOffset, own.offset() + 1);
    Vote vote = own.vote();
    between.headMap(vote.getBatch() - Settings.BATCHES_IN_FLIGHT_MAX, false).clear();
    return Optional.of(
        otherIsFirst(vote) ? new Next.OtherFirst(vote) : new Next.Report(vote, own.offset()));
  }

  private boolean otherIsFirst(Vote vote) {
    Seen first = between.getOrDefault(vote.getBatch(), Map.of()).get(vote.getAttempt());
    return first != null && !first.equals(seen(vote));
  }

  private Seen seen(Vote vote) {
    return new Seen(vote.getSignature(), sealedDigest.apply(vote));
  }
}
