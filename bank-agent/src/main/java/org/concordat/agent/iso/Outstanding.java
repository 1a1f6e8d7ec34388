package org.concordat.agent.iso;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.concordat.agent.encode.Acknowledgement;
import org.concordat.agent.encode.Outcome;

/** Transactions of a file that aren't durable yet. */
final class Outstanding implements Acknowledgement {
  private static final long LOOK_MILLIS = 200;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long waiting;

  /** One more is on its way. */
  void expect() {
    lock.lock();
    try {
      waiting++;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void decided(Outcome outcome) {
    // A refused transaction is a dead letter, and durable like the others.
  }

  @Override
  public void durable() {
    lock.lock();
    try {
      waiting--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all are durable; false if the agent stops before. */
  boolean await(BooleanSupplier stopping) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting > 0) {
        if (stopping.getAsBoolean()) {
          return false;
        }
        boolean signalled = changed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (!signalled && stopping.getAsBoolean()) {
          return false;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
