package org.concordat.ops.broker;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.concordat.schemas.process.Outline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures a broker's folder again and again. As long as that fails, the last result stands; before
 * there is one, nothing is refused.
 */
final class DiskWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);
  private static final long REST_MILLIS_MIN = 1_000;
  private static final long REST_MILLIS_MAX = 10_000;

  /** Where there are many files, a hundredth of a thread's time goes to looking at them. */
  private static final long REST_TIMES = 100;

  private final Supplier<Map<String, Long>> bytesByTopic;
  private final DiskBound bound;
  private final long restMillisMin;
  private @Nullable Thread thread;

  /** Of the thread that measures: the first one is over when the other begins. */
  private boolean failing;

  /**
   * @param bytesByTopic measures, at once
   */
  DiskWatch(Supplier<Map<String, Long>> bytesByTopic, DiskBound bound) {
    this(bytesByTopic, bound, REST_MILLIS_MIN);
  }

  /**
   * @param restMillisMin between two measurements
   */
  DiskWatch(Supplier<Map<String, Long>> bytesByTopic, DiskBound bound, long restMillisMin) {
    this.bytesByTopic = bytesByTopic;
    this.bound = bound;
    this.restMillisMin = restMillisMin;
  }

  /** To be called once. It measures for the first time here, so that no request waits for it. */
  synchronized void begin() {
    long tookMillis = measure();
    thread = Thread.ofPlatform().daemon().name("disk-watch").start(() -> run(tookMillis));
  }

  /** Whether nothing more may be written to a topic. */
  boolean refuses(String topic) {
    return bound.refuses(topic);
  }

  private void run(long firstMillis) {
    long tookMillis = firstMillis;
    try {
      while (true) {
        Thread.sleep(Math.clamp(REST_TIMES * tookMillis, restMillisMin, REST_MILLIS_MAX));
        tookMillis = measure();
      }
    } catch (InterruptedException e) {
      // It is closed.
    }
  }

  /** Returns how long it took. */
  private long measure() {
    long begin = System.nanoTime();
    try {
      bound.measured(bytesByTopic.get());
      if (failing) {
        failing = false;
        LOG.warn("The broker's data can be measured again.");
      }
    } catch (RuntimeException | Error e) {
      // Whatever it is: without this thread, who is stopped now would be so for ever, and nobody
      // else would be stopped.
      if (!failing) {
        failing = true;
        LOG.atWarn()
            .setCause(Outline.of(e))
            .log("The broker's data can't be measured: who may write stays as it is.");
      }
    }
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
  }

  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
