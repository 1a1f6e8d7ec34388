package org.concordat.agent;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.concordat.schemas.process.Outline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The agent's threads. What none of them can handle ends the process. */
final class Workers {
  /** Work of one thread. */
  interface Work {
    void run() throws InterruptedException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final Consumer<Throwable> failed;

  /** By name. A source's may start another's. */
  private final Map<String, Thread> threads = new ConcurrentHashMap<>();

  private volatile boolean stopping;

  Workers(Consumer<Throwable> failed) {
    this.failed = failed;
  }

  void start(String name, Work work) {
    Thread thread = Thread.ofPlatform().name(name).unstarted(() -> top(work));
    threads.put(name, thread);
    thread.start();
  }

  /** From now on what breaks off isn't a failure. */
  void stop() {
    stopping = true;
  }

  private void top(Work work) {
    try {
      work.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      if (stopping) {
        // Canceled is what waited for something that won't come any more.
        LOG.atLevel(e instanceof CancellationException ? Level.INFO : Level.WARN)
            .setCause(Outline.of(e))
            .log("Broken off as the agent stops.");
        return;
      }
      LOG.atError().setCause(Outline.of(e)).log("The agent can't go on.");
      failed.accept(e);
    }
  }

  /** Waits for a thread; interrupts it when the time is over, and waits as long again. */
  void end(String name, long millis) {
    Thread thread = threads.get(name);
    if (thread == null) {
      return;
    }
    try {
      thread.join(millis);
      if (thread.isAlive()) {
        thread.interrupt();
        thread.join(millis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  boolean allEnded() {
    return threads.values().stream().noneMatch(Thread::isAlive);
  }
}
