package org.concordat.agent.alert;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings alerts from the outbox to one sink, in order, and tries again for as long as it takes
 * nothing. After a kill between a delivery and its mark the sink gets those alerts again.
 */
final class Courier {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
  private static final long BACKOFF_MILLIS = 500;
  private static final long BACKOFF_MILLIS_MAX = 60_000;

  private final String name;
  private final AlertSink sink;
  private final Outbox outbox;
  private final DeliveryLog log;
  private final DeskStore store;
  private final LongSupplier millisClock;
  private final Counter delivered;
  private final Counter failed;
  private int failures;

  Courier(
      String name,
      AlertSink sink,
      Outbox outbox,
      DeliveryLog log,
      DeskStore store,
      MeterRegistry registry,
      LongSupplier millisClock) {
    this.name = name;
    this.sink = sink;
    this.outbox = outbox;
    this.log = log;
    this.store = store;
    this.millisClock = millisClock;
    this.delivered =
        Counter.builder("concordat.agent.sink.alerts")
            .description("Alerts that a sink has taken.")
            .tag("sink", name)
            .register(registry);
    this.failed =
        Counter.builder("concordat.agent.sink.failures")
            .description("Tries that a sink did not take; each is made again.")
            .tag("sink", name)
            .register(registry);
    Gauge.builder("concordat.agent.sink.waiting", () -> outbox.waiting(name))
        .description("Alerts that a sink has not taken yet.")
        .tag("sink", name)
        .register(registry);
  }

  String name() {
    return name;
  }

  /** Alerts that the sink hasn't taken. */
  long waiting() {
    return outbox.waiting(name);
  }

  /** Works until it is to stop: then it brings what is there, as long as the sink takes it. */
  void run() throws InterruptedException {
    while (outbox.await(name)) {
      if (step()) {
        continue;
      }
      if (outbox.isStopping()) {
        return;
      }
      outbox.pause(backoffMillis(failures, ThreadLocalRandom.current().nextDouble()));
    }
  }

  /**
   * How long to wait after so many failures in a row: doubled each time, and somewhere in the upper
   * half of that.
   *
   * @param random from 0 to 1
   */
  static long backoffMillis(int failures, double random) {
    long whole = Math.min(BACKOFF_MILLIS_MAX, BACKOFF_MILLIS << Math.min(failures, 10));
    return Math.round(whole * (0.5 + random / 2));
  }

  /** Tries once to bring what is next; true if it was taken. */
  boolean step() throws InterruptedException {
    List<Outbox.Entry> entries = outbox.next(name, sink.batchMax());
    if (entries.isEmpty()) {
      return false;
    }
    var change = new DeskChange();
    try {
      sink.deliver(entries.stream().map(entry -> entry.alert).toList());
    } catch (IOException e) {
      failures++;
      failed.increment();
      String cause =
          e instanceof WebhookSink.AnsweredException answered
              ? "HTTP " + answered.status()
              : e.getClass().getSimpleName();
      log.add(change, name, entries, failures, cause, millisClock.getAsLong());
      store.commit(change);
      LOG.atWarn()
          .addKeyValue("sink", name)
          .addKeyValue("cause", cause)
          .addKeyValue("failures", failures)
          .log("A sink takes no alerts; they are delivered again.");
      return false;
    }
    log.add(change, name, entries, failures + 1, "", millisClock.getAsLong());
    outbox.taken(name, entries.getLast().number + 1, change);
    delivered.increment(entries.size());
    failures = 0;
    return true;
  }

  void close() throws IOException {
    sink.close();
  }
}
