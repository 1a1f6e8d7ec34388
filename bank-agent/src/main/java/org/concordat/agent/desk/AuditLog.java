package org.concordat.agent.desk;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;

/** Who did what at the desk: only ever added to, and removed by age. */
public final class AuditLog {
  /** What can be done. */
  public enum Deed {
    LISTED,
    OPENED,
    EXPORTED,
    FOLLOWED,
    SNOOZED,
    ENDED_SNOOZE,
    JUDGED,
    READ_PRECISION,
    READ_DELIVERIES,
    READ_AUDIT;

    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Entries that are kept; beyond it the oldest go. */
  static final int ENTRIES_MAX = 1_000_000;

  private static final int EXPIRE_MAX = 10_000;

  private final DeskStore store;
  private final Duration age;
  private final long entriesMax;
  private long next;

  AuditLog(DeskStore store, Duration age, long entriesMax) {
    this.store = store;
    this.age = age;
    this.entriesMax = entriesMax;
    this.next = store.lastNumber(DeskTable.AUDIT) + 1;
  }

  /** Adds an entry to a change. */
  synchronized void add(DeskChange change, String by, Deed deed, JsonObject what, long nowMillis) {
    long number = next++;
    var entry =
        new JsonObject()
            .put("number", number)
            .put("at", Instant.ofEpochMilli(nowMillis).toString())
            .put("by", by)
            .put("deed", deed.label())
            .put("what", what);
    change.put(DeskTable.AUDIT, DeskStore.numberKey(number), entry.toBuffer().getBytes());
  }

  /** Adds an entry; durable on return. */
  void add(String by, Deed deed, JsonObject what, long nowMillis) {
    var change = new DeskChange();
    add(change, by, deed, what, nowMillis);
    store.commit(change);
  }

  /** Entries after a number, oldest first. */
  List<JsonObject> after(long number, int limit) {
    List<JsonObject> entries = new ArrayList<>();
    store.forEach(
        DeskTable.AUDIT,
        DeskStore.numberKey(number + 1),
        (key, plain) -> {
          entries.add(new JsonObject(Buffer.buffer(plain)));
          return entries.size() < limit;
        });
    return entries;
  }

  /** Removes what is older than the age; the last entry stays, so that numbers go on. */
  int expire(long nowMillis) {
    var change = new DeskChange();
    int[] removed = {0};
    long last;
    synchronized (this) {
      last = next - 1;
    }
    store.forEach(
        DeskTable.AUDIT,
        new byte[0],
        (key, plain) -> {
          String at = new JsonObject(Buffer.buffer(plain)).getString("at");
          boolean old =
              Instant.parse(at).toEpochMilli() < nowMillis - age.toMillis()
                  || DeskStore.number(key) <= last - entriesMax;
          if (!old || DeskStore.number(key) == last || removed[0] == EXPIRE_MAX) {
            return false;
          }
          change.remove(DeskTable.AUDIT, key);
          removed[0]++;
          return true;
        });
    store.commit(change);
    return removed[0];
  }
}
