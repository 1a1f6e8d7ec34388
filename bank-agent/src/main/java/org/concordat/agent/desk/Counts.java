package org.concordat.agent.desk;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.concordat.agent.store.DeskChange;
import org.concordat.agent.store.DeskStore;
import org.concordat.agent.store.DeskTable;

/**
 * Durable numbers by name. What is added is staged until the change that holds it is durable. Used
 * under the desk's lock.
 */
final class Counts {
  private final DeskStore store;
  private final Map<String, Long> durable = new HashMap<>();
  private final Map<String, Long> staged = new HashMap<>();

  Counts(DeskStore store) {
    this.store = store;
    store.forEach(
        DeskTable.COUNT,
        new byte[0],
        (key, plain) -> {
          durable.put(new String(key, StandardCharsets.UTF_8), DeskStore.number(plain));
          return true;
        });
  }

  long get(String name) {
    Long value = staged.get(name);
    return value == null ? durable.getOrDefault(name, 0L) : value;
  }

  long add(String name, long more) {
    long value = get(name) + more;
    staged.put(name, value);
    return value;
  }

  void fill(DeskChange change) {
    staged.forEach(
        (name, value) ->
            change.put(
                DeskTable.COUNT,
                name.getBytes(StandardCharsets.UTF_8),
                DeskStore.numberKey(value)));
  }

  /** The change is durable. */
  void committed() {
    durable.putAll(staged);
    staged.clear();
  }

  /** The change wasn't made. */
  void abandoned() {
    staged.clear();
  }

  /** Removes names with this beginning that sort before another one. */
  void removeBefore(String beginning, String first) {
    var change = new DeskChange();
    Iterator<String> names = durable.keySet().iterator();
    while (names.hasNext()) {
      String name = names.next();
      if (name.startsWith(beginning) && name.compareTo(first) < 0) {
        change.remove(DeskTable.COUNT, name.getBytes(StandardCharsets.UTF_8));
        names.remove();
      }
    }
    store.commit(change);
  }
}
