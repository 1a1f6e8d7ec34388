package org.concordat.aggregator.peer;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.concordat.schemas.problem.Code;

/** What the links have counted since the start, for metrics. Safe for many threads. */
public final class PeerStatistics {
  /** Every reason for which a link is refused or ended. */
  public static final List<Code> REASONS =
      List.of(
          Code.CDT_550,
          Code.CDT_551,
          Code.CDT_552,
          Code.CDT_553,
          Code.CDT_554,
          Code.CDT_555,
          Code.CDT_556,
          Code.CDT_557,
          Code.CDT_558,
          Code.CDT_560,
          Code.CDT_564,
          Code.CDT_650,
          Code.CDT_651,
          Code.CDT_652,
          Code.CDT_653,
          Code.CDT_654,
          Code.CDT_655);

  private final LongAdder[] sent;
  private final LongAdder[] received;
  private final Map<Code, LongAdder> reasons = new EnumMap<>(Code.class);
  private final LongAdder flights = new LongAdder();
  private final AtomicLongArray roundTripNanos;
  private final LongAdder sessions = new LongAdder();
  private final LongAdder turnedAway = new LongAdder();

  PeerStatistics(int parties) {
    sent = IntStream.range(0, parties).mapToObj(p -> new LongAdder()).toArray(LongAdder[]::new);
    received = IntStream.range(0, parties).mapToObj(p -> new LongAdder()).toArray(LongAdder[]::new);
    roundTripNanos = new AtomicLongArray(parties);
    REASONS.forEach(code -> reasons.put(code, new LongAdder()));
  }

  void countSent(int peer, int bytes) {
    sent[peer].add(bytes);
  }

  void countReceived(int peer, int bytes) {
    received[peer].add(bytes);
  }

  void countFault(Code code) {
    LongAdder count = reasons.get(code);
    if (count != null) {
      count.increment();
    }
  }

  void countFlight() {
    flights.increment();
  }

  void roundTrip(int peer, long nanos) {
    roundTripNanos.set(peer, nanos);
  }

  void countSession() {
    sessions.increment();
  }

  void countTurnedAway() {
    turnedAway.increment();
  }

  /** Bytes of sealed frames, before TLS. */
  public long bytesSent(int peer) {
    return sent[peer].sum();
  }

  /** Bytes of sealed frames, after TLS. */
  public long bytesReceived(int peer) {
    return received[peer].sum();
  }

  /**
   * How often a link was refused or ended for a reason.
   *
   * @param code one of {@link #REASONS}
   */
  public long faults(Code code) {
    LongAdder count = reasons.get(code);
    return count == null ? 0 : count.sum();
  }

  /** Flights sent, to whichever peer. */
  public long flights() {
    return flights.sum();
  }

  /** The last round trip of a sign of life; 0 before the first. */
  public long roundTripNanos(int peer) {
    return roundTripNanos.get(peer);
  }

  /** Sessions begun. */
  public long sessions() {
    return sessions.sum();
  }

  /** Connections closed unseen because too many others were still being checked. */
  public long turnedAway() {
    return turnedAway.sum();
  }
}
