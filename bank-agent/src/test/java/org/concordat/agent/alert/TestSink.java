package org.concordat.agent.alert;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.schemas.record.Alert;

/** Keeps what it took; refuses as often as it is told to. */
final class TestSink implements AlertSink {
  final List<Alert> taken = new ArrayList<>();
  int refusals;
  boolean closed;

  static AlertSinks sinks(Map<String, AlertSink> sinks, DeskStore store, int alertsMax) {
    return new AlertSinks(sinks, store, new SimpleMeterRegistry(), alertsMax, () -> 1_000);
  }

  /** Puts alerts into the outbox as the reader does. */
  static void add(AlertSinks sinks, DeskStore store, Alert... alerts) throws IOException {
    sinks.requireRoom(alerts.length);
    var change = new DeskChange();
    sinks.add(change, List.of(alerts));
    store.commit(change);
    sinks.committed(alerts.length);
  }

  /** Tries until every sink has taken all, a failure after another included. */
  static void deliverAll(AlertSinks sinks) throws InterruptedException {
    for (Courier courier : sinks.couriers()) {
      while (courier.waiting() > 0) {
        courier.step();
      }
    }
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException {
    if (refusals > 0) {
      refusals--;
      throw new IOException("told by the test");
    }
    taken.addAll(alerts);
  }

  @Override
  public void close() {
    closed = true;
  }
}
