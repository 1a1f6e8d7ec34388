package org.concordat.aggregator.peer;

import java.time.Duration;

/**
 * How much and how long one link may take.
 *
 * @param bufferSlowBytes of flights, received and not yet consumed, per link, from which on reading
 *     waits for the consumer, at most {@link #SLOW_WAIT} a frame
 * @param bufferBytesMax at which the peer is cut off
 * @param channelsAheadMax attempts, per session, that peers have begun and this side hasn't
 * @param framesPerKey after which both ends derive a direction's next key
 * @param handshake from the connection to the confirmed keys
 * @param heartbeat between signs of life when there is nothing to send
 * @param silence after which a link without any frame counts as lost
 * @param retryFirst before the second attempt to connect; doubles up to {@code retryMax}
 */
public record PeerLimits(
    long bufferSlowBytes,
    long bufferBytesMax,
    int channelsAheadMax,
    long framesPerKey,
    Duration handshake,
    Duration heartbeat,
    Duration silence,
    Duration retryFirst,
    Duration retryMax) {
  /** Of one message between peers. */
  public static final int CONTROL_BYTES_MAX = 4 << 20;

  /** What a message takes in the heap beside its own bytes, about. */
  static final long MESSAGE_HEAD_BYTES = 1L << 10;

  /** Room for three messages of the longest kind. */
  static final long MESSAGES_BYTES_MIN = 16L << 20;

  private static final int MESSAGES_PART = 8;

  /** Room for a message of the longest kind and for flights beside it. */
  static final long SHARE_BYTES_MIN = 16L << 20;

  static final Duration SLOW_WAIT = Duration.ofMillis(500);

  /**
   * A peer that is back waits for its next call: longer pauses would be most of the time until
   * batches go on, and a call that nobody takes costs next to nothing.
   */
  private static final Duration RETRY_MAX = Duration.ofMillis(250);

  public static final PeerLimits DEFAULT =
      new PeerLimits(
          256L << 20,
          512L << 20,
          4_096,
          1L << 24,
          Duration.ofSeconds(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofMillis(50),
          RETRY_MAX);

  /** Of the heap, what the flights on one link may take before reading waits. */
  private static final int HEAP_PART = 8;

  /**
   * The usual ones in a process of three that has so large a heap: what waits on the links to both
   * peers takes half of it at most. Larger heaps than 2 GiB let no more wait.
   */
  public static PeerLimits ofHeap(long heapBytes) {
    long slow = Math.clamp(heapBytes / HEAP_PART, SHARE_BYTES_MIN, DEFAULT.bufferSlowBytes);
    return DEFAULT.buffering(slow, 2 * slow);
  }

  private PeerLimits buffering(long slowBytes, long bytesMax) {
    return new PeerLimits(
        slowBytes,
        bytesMax,
        channelsAheadMax,
        framesPerKey,
        handshake,
        heartbeat,
        silence,
        retryFirst,
        retryMax);
  }

  /**
   * How much a peer's messages may take that the listener hasn't taken yet, {@link
   * #MESSAGE_HEAD_BYTES} beside each; at which the peer is cut off. Read, they are some times as
   * long.
   */
  long messageBytesMax() {
    return Math.max(MESSAGES_BYTES_MIN, bufferBytesMax / MESSAGES_PART);
  }

  /**
   * How many attempts may run at once so that their flights never make reading wait.
   *
   * @param roundBytesMax of all flights of a round to one peer
   */
  public int attemptsMax(int parties, long roundBytesMax) {
    return (int)
        Math.min(Integer.MAX_VALUE, bufferSlowBytes / (roundsAhead(parties) * roundBytesMax));
  }

  /**
   * What a party hasn't taken yet of one attempt and peer, in rounds.
   *
   * <p>To send in a round, a party needs what each round before brought it, directly or over the
   * others, from every party. So there is one round for each party at most; and between any two of
   * them one more in which the peer sends and waits for nobody, the first of a conversion of bits.
   */
  public static int roundsAhead(int parties) {
    return 2 * parties - 1;
  }

  /**
   * The most that a round may send to a peer for that many attempts to run at once.
   *
   * @param attempts at least 1
   */
  public long roundBytesMax(int parties, int attempts) {
    return bufferSlowBytes / ((long) roundsAhead(parties) * attempts);
  }

  /**
   * The limits of each where there are several groups of links, so that all of them together take
   * about as much as one would.
   *
   * @param groups at least 1
   * @param attemptBytes that one attempt may have waiting
   */
  public PeerLimits shared(int groups, long attemptBytes) {
    long least = Math.max(SHARE_BYTES_MIN, attemptBytes);
    return buffering(
        Math.max(least, bufferSlowBytes / groups), Math.max(2 * least, bufferBytesMax / groups));
  }

  /**
   * The limits of one group of links that several partitions share: an attempt of each has room.
   *
   * @param partitions at least 1
   * @param attemptBytes that one attempt may have waiting
   */
  public PeerLimits together(int partitions, long attemptBytes) {
    return shared(1, Math.min(DEFAULT.bufferSlowBytes, partitions * attemptBytes));
  }
}
