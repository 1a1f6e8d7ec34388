package org.concordat.ops.broker;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Measures a broker's folder again and again, from the first question on: a process that is broker
 * and controller has an authorizer for each, and nobody writes to the controller's.
 */
final class DiskWatch implements AutoCloseable {
  private static final long REST_MILLIS_MIN = 1_000;
  private static final long REST_MILLIS_MAX = 10_000;

  /** Where there are many files, a hundredth of a thread's time goes to looking at them. */
  private static final long REST_TIMES = 100;

  private final Path folder;
  private final DiskBound bound;
  private @Nullable Thread thread;
  private volatile boolean begun;

  DiskWatch(Path folder, DiskBound bound) {
    this.folder = folder;
    this.bound = bound;
  }

  /** Whether nothing more may be written to a topic. */
  boolean refuses(String topic) {
    if (!begun) {
      begin();
    }
    return bound.refuses(topic);
  }

  private synchronized void begin() {
    if (begun) {
      return;
    }
    long tookMillis = measure();
    thread = Thread.ofPlatform().daemon().name("disk-watch").start(() -> run(tookMillis));
    begun = true;
  }

  private void run(long firstMillis) {
    long tookMillis = firstMillis;
    try {
      while (true) {
        Thread.sleep(Math.clamp(REST_TIMES * tookMillis, REST_MILLIS_MIN, REST_MILLIS_MAX));
        tookMillis = measure();
      }
    } catch (InterruptedException e) {
      // It is closed.
    }
  }

  /** Returns how long it took. */
  private long measure() {
    long begin = System.nanoTime();
    bound.measured(BrokerFiles.bytesByTopic(folder));
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
  }

  @Override
  public synchronized void close() {
    begun = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
