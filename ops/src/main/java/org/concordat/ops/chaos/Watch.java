package org.concordat.ops.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.MemoryUse;
import org.concordat.ops.demo.Role;

/**
 * Watches the processes from beside: how long rows wait, what memory each takes, and which ended by
 * themselves. Those are started again, as whoever runs them would.
 */
final class Watch implements AutoCloseable {
  private static final long PAUSE_MILLIS = 1_000;

  /** A process that ended though nobody told it to. */
  record Ended(String name, int status, long millis) {}

  /** The oldest row that isn't known to be scored, at a time. */
  record Lag(long millis, double seconds) {}

  private final Consortium consortium;
  private final Set<String> mayEnd = ConcurrentHashMap.newKeySet();
  private final List<Ended> ended = new ArrayList<>();

  /** Guarded by this, as is the next. */
  private final List<Lag> lags = new ArrayList<>();

  private final Map<String, MemoryUse> memory = new TreeMap<>();
  private final Thread thread;
  private volatile boolean running = true;

  Watch(Consortium consortium) {
    this.consortium = consortium;
    this.thread = Thread.ofPlatform().daemon().name("watch").start(this::look);
  }

  /** What follows is our doing. */
  void expectEnd(String name) {
    mayEnd.add(name);
  }

  void expectLife(String name) {
    mayEnd.remove(name);
  }

  /** Starts again what has ended by itself; called by the thread that does the faults. */
  void tend() {
    for (Role role : consortium.roles()) {
      if (!role.isAlive() && !mayEnd.contains(role.name())) {
        ended.add(new Ended(role.name(), role.exitValue(), System.currentTimeMillis()));
        try {
          role.restart();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void look() {
    try {
      while (running) {
        double lag = 0;
        for (String bank : consortium.banks()) {
          lag =
              Math.max(
                  lag,
                  consortium
                      .agentMetrics(bank)
                      .map(metrics -> metrics.sum("concordat_agent_oldest_unscored_seconds"))
                      .orElse(0.0));
        }
        synchronized (this) {
          lags.add(new Lag(System.currentTimeMillis(), lag));
          for (Role role : consortium.roles()) {
            memory.merge(role.name(), role.memoryUse(), MemoryUse::most);
          }
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  List<Ended> ended() {
    return List.copyOf(ended);
  }

  synchronized List<Lag> lags() {
    return List.copyOf(lags);
  }

  /** The most that each process had resident, of all its starts. */
  synchronized Map<String, MemoryUse> memory() {
    return new TreeMap<>(memory);
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join();
  }
}
