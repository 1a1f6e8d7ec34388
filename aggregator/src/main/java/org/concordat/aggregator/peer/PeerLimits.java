package org.concordat.aggregator.peer;

import java.time.Duration;

/**
 * How much and how long one link may take.
 *
 * @param bufferSlowBytes received and not yet consumed, per link, from which on reading waits for
 *     the consumer, at most {@link #SLOW_WAIT} a frame
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

  /** Room for a message of the longest kind and for flights beside it. */
  static final long SHARE_BYTES_MIN = 16L << 20;

  static final Duration SLOW_WAIT = Duration.ofMillis(500);

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
          Duration.ofSeconds(5));

  /**
   * How many attempts may run at once so that their flights never make reading wait.
   *
   * <p>To send a round's flight a party needs what each round before brought it, directly or over
   * the others, from every party. So what a party hasn't received yet of one attempt and peer are
   * at most as many flights as there are parties.
   *
   * @param flightBytesMax of the longest flight
   */
  public int attemptsMax(int parties, long flightBytesMax) {
    return (int) Math.min(Integer.MAX_VALUE, bufferSlowBytes / (parties * flightBytesMax));
  }

  /**
   * The longest flight for which that many attempts may run at once.
   *
   * @param attempts at least 1
   */
  public long flightBytesMax(int parties, int attempts) {
    return bufferSlowBytes / ((long) parties * attempts);
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
    return new PeerLimits(
        Math.max(least, bufferSlowBytes / groups),
        Math.max(2 * least, bufferBytesMax / groups),
        channelsAheadMax,
        framesPerKey,
        handshake,
        heartbeat,
        silence,
        retryFirst,
        retryMax);
  }
}
