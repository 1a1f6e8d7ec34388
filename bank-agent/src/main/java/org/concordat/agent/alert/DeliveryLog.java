package org.concordat.agent.alert;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;

/** Every try to deliver, and what came of it. */
final class DeliveryLog {
  /** Tries that are kept; beyond it the oldest go. */
  static final int TRIES_MAX = 100_000;

  private final DeskStore store;
  private final int triesMax;
  private long next;

  DeliveryLog(DeskStore store, int triesMax) {
    this.store = store;
    this.triesMax = triesMax;
    this.next = store.lastNumber(DeskTable.DELIVERY) + 1;
  }

  /**
   * Adds a try to a change.
   *
   * @param attempt 1 for the first one
   * @param cause empty if it was delivered
   */
  synchronized void add(
      DeskChange change,
      String sink,
      List<Outbox.Entry> entries,
      int attempt,
      String cause,
      long nowMillis) {
    long number = next++;
    var json =
        new JsonObject()
            .put("number", number)
            .put("at", Instant.ofEpochMilli(nowMillis).toString())
            .put("sink", sink)
            .put("alerts", entries.size())
            .put("firstAlert", entries.getFirst().alert.getId())
            .put("attempt", attempt)
            .put("delivered", cause.isEmpty());
    if (!cause.isEmpty()) {
      json.put("cause", cause);
    }
    change.put(DeskTable.DELIVERY, DeskStore.numberKey(number), json.toBuffer().getBytes());
    if (number >= triesMax) {
      change.remove(DeskTable.DELIVERY, DeskStore.numberKey(number - triesMax));
    }
  }

  /** Tries after a number, oldest first. */
  List<JsonObject> after(long number, Optional<String> sink, int limit) {
    List<JsonObject> tries = new ArrayList<>();
    store.forEach(
        DeskTable.DELIVERY,
        DeskStore.numberKey(number + 1),
        (key, plain) -> {
          var json = new JsonObject(Buffer.buffer(plain));
          if (sink.isEmpty() || sink.get().equals(json.getString("sink"))) {
            tries.add(json);
          }
          return tries.size() < limit;
        });
    return tries;
  }
}
