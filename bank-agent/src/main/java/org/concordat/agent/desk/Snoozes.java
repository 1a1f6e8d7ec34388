package org.concordat.agent.desk;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;

/**
 * The snoozes, in force or over. What changes is staged until it is durable. Used under the desk's
 * lock.
 */
final class Snoozes {
  /** In force at a time. */
  static final int IN_FORCE_MAX = 1_000;

  private final Map<String, Snooze> all = new LinkedHashMap<>();
  private final Map<String, Snooze> staged = new LinkedHashMap<>();

  Snoozes(DeskStore store) {
    store.forEach(
        DeskTable.SNOOZE,
        new byte[0],
        (key, plain) -> {
          Snooze snooze = Snooze.decode(plain);
          all.put(snooze.id(), snooze);
          return true;
        });
  }

  private static byte[] key(String id) {
    return id.getBytes(StandardCharsets.US_ASCII);
  }

  Optional<Snooze> get(String id) {
    return Optional.ofNullable(all.get(id));
  }

  /** Latest end first. */
  List<Snooze> list() {
    return all.values().stream()
        .sorted(Comparator.comparingLong(Snooze::untilMillis).reversed())
        .toList();
  }

  /** Those that mute at a time. */
  Collection<Snooze> inForce(long nowMillis) {
    return all.values().stream().filter(snooze -> snooze.isInForce(nowMillis)).toList();
  }

  /** Counts an alert for the first snooze that mutes it; gives that one's id, or nothing. */
  String mute(String rule, String account, String item, long nowMillis) {
    for (Snooze snooze : all.values()) {
      if (snooze.isInForce(nowMillis) && snooze.mutes(rule, account, item)) {
        put(staged.getOrDefault(snooze.id(), snooze).muting(1));
        return snooze.id();
      }
    }
    return "";
  }

  void put(Snooze snooze) {
    staged.put(snooze.id(), snooze);
  }

  void fill(DeskChange change) {
    staged.forEach((id, snooze) -> change.put(DeskTable.SNOOZE, key(id), snooze.encode()));
  }

  /** The change is durable. */
  void committed() {
    all.putAll(staged);
    staged.clear();
  }

  /** The change wasn't made. */
  void abandoned() {
    staged.clear();
  }

  /** Adds to a change the removal of those that ended before a time. */
  void expire(DeskStore store, long oldestMillis) {
    var change = new DeskChange();
    List<String> old =
        all.values().stream()
            .filter(snooze -> snooze.untilMillis() < oldestMillis)
            .map(Snooze::id)
            .toList();
    old.forEach(id -> change.remove(DeskTable.SNOOZE, key(id)));
    store.commit(change);
    old.forEach(all::remove);
  }
}
