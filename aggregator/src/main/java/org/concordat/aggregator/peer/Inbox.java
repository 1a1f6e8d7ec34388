package org.concordat.aggregator.peer;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.aggregator.mpc.Channel;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Step;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * One peer's flights of one attempt: the link's reader puts frames in, the protocol takes flights.
 */
final class Inbox {
  /** Of the smallest array and what holds it: flights of a word can't take more than they count. */
  private static final int FLIGHT_BYTES = WordPool.SMALLEST * Long.BYTES + 64;

  /** A flight under way or complete; its array may be longer. */
  private static final class Flight {
    private final int step;
    private final int length;
    private final long[] words;
    private int filled;

    Flight(int step, int length, long[] words) {
      this.step = step;
      this.length = length;
      this.words = words;
    }

    long bytes() {
      return Inbox.bytes(length);
    }
  }

  /** Where a frame's words belong. */
  record Position(int step, int length, int offset) {}

  private final int peer;
  private final String peerName;
  private final Backlog backlog;
  private final WordPool pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Flight> complete = new ArrayDeque<>();
  private @Nullable Flight partial;
  private @Nullable String ended;
  private @Nullable String awaited;
  private long awaitedSince;

  Inbox(int peer, String peerName, Backlog backlog, WordPool pool) {
    this.peer = peer;
    this.peerName = peerName;
    this.backlog = backlog;
    this.pool = pool;
  }

  /** What a flight counts for; its array may be up to twice as long. */
  private static long bytes(int length) {
    return (long) length * Long.BYTES + FLIGHT_BYTES;
  }

  /** Takes a frame's words; those of an ended attempt are dropped. */
  void put(Position position, ByteBuffer words) throws LinkFault, InterruptedException {
    int count = words.remaining() / Long.BYTES;
    if (position.offset() == 0) {
      if (position.length() < 1 || position.length() > Channel.FLIGHT_WORDS_MAX) {
        throw new LinkFault(Code.CDT_651);
      }
      backlog.add(bytes(position.length()));
    }
    lock.lock();
    try {
      if (ended != null) {
        if (position.offset() == 0) {
          backlog.release(bytes(position.length()));
        }
        return;
      }
      Flight flight = position.offset() == 0 ? begin(position) : partial;
      if (flight == null
          || flight.step != position.step()
          || flight.length != position.length()
          || flight.filled != position.offset()
          || count < 1
          || count > flight.length - flight.filled) {
        throw new LinkFault(Code.CDT_651);
      }
      words.asLongBuffer().get(flight.words, flight.filled, count);
      flight.filled += count;
      if (flight.filled == flight.length) {
        partial = null;
        complete.add(flight);
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Flight begin(Position position) {
    if (partial != null) {
      return null;
    }
    partial = new Flight(position.step(), position.length(), pool.take(position.length()));
    return partial;
  }

  /** Waits for the next flight and copies it out. */
  void take(Step step, long[] target, int offset, int length) {
    Flight flight = next(step.path());
    try {
      if (flight.step != step.number()) {
        throw new ProtocolAbortException(Fault.WRONG_STEP, step, peer);
      }
      if (flight.length != length) {
        throw new ProtocolAbortException(Fault.WRONG_LENGTH, step, peer);
      }
      System.arraycopy(flight.words, 0, target, offset, length);
    } finally {
      drop(flight);
    }
  }

  private Flight next(String path) {
    lock.lock();
    try {
      if (complete.isEmpty()) {
        awaited = path;
        awaitedSince = System.nanoTime();
      }
      while (complete.isEmpty()) {
        if (ended != null) {
          throw new UnavailableException(ended, path);
        }
        changed.await();
      }
      return complete.remove();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException(peerName, path);
    } finally {
      awaited = null;
      lock.unlock();
    }
  }

  private void drop(Flight flight) {
    pool.giveBack(flight.words);
    backlog.release(flight.bytes());
  }

  /** What the protocol waits for, or null. */
  @Nullable Wait waiting() {
    lock.lock();
    try {
      return awaited == null
          ? null
          : new Wait(peerName, awaited, Duration.ofNanos(System.nanoTime() - awaitedSince));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends the attempt's waits and drops what came.
   *
   * @param culprit the name that waits are told
   */
  void end(String culprit) {
    lock.lock();
    try {
      if (ended != null) {
        return;
      }
      ended = culprit;
      complete.forEach(this::drop);
      complete.clear();
      if (partial != null) {
        drop(partial);
        partial = null;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
