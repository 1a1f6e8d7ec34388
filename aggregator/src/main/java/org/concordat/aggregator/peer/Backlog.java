package org.concordat.aggregator.peer;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.concordat.schemas.problem.Code;

/**
 * Bytes of one peer that were received, or announced, and not yet consumed. Beyond the slow mark
 * the reader waits a little for each frame, which TCP hands on to the sender; at the maximum the
 * peer is cut off. The wait is bounded because what would end it may be a frame not yet read.
 */
final class Backlog {
  private final long slow;
  private final long max;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition consumed = lock.newCondition();
  private long bytes;

  Backlog(long slow, long max) {
    this.slow = slow;
    this.max = max;
  }

  void add(long more) throws LinkFault, InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = PeerLimits.SLOW_WAIT.toNanos();
      while (bytes > 0 && bytes + more > slow && nanos > 0) {
        nanos = consumed.awaitNanos(nanos);
      }
      if (bytes + more > max) {
        throw new LinkFault(Code.CDT_652);
      }
      bytes += more;
    } finally {
      lock.unlock();
    }
  }

  void release(long fewer) {
    lock.lock();
    try {
      bytes -= fewer;
      consumed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
