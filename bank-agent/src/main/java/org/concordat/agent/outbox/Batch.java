package org.concordat.agent.outbox;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Changes in the log's order, between the thread that fetches them and the one that reads them. */
final class Batch {
  private final List<Change> changes;
  private final Semaphore settled = new Semaphore(0);

  Batch(List<Change> changes) {
    this.changes = changes;
  }

  List<Change> changes() {
    return changes;
  }

  /** The next change, in order, can't be lost any more. */
  void settle() {
    settled.release();
  }

  /** Whether the next change was settled in time. */
  boolean awaitSettled(long millis) throws InterruptedException {
    return settled.tryAcquire(millis, TimeUnit.MILLISECONDS);
  }
}
