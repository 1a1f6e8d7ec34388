package org.concordat.agent.store;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes of the desk that become durable together. Holds plaintext: prints their number only. */
public final class DeskChange {
  /** An entry to be stored, or to be removed if it has no content. */
  static final class Step {
    final DeskTable table;
    final byte[] key;
    final byte @Nullable [] plain;

    Step(DeskTable table, byte[] key, byte @Nullable [] plain) {
      this.table = table;
      this.key = key;
      this.plain = plain;
    }
  }

  final List<Step> steps = new ArrayList<>();

  /** Stores an entry in the place of one with the same key; of several the last holds. */
  public DeskChange put(DeskTable table, byte[] key, byte[] plain) {
    steps.add(new Step(table, key, plain));
    return this;
  }

  public DeskChange remove(DeskTable table, byte[] key) {
    steps.add(new Step(table, key, null));
    return this;
  }

  public boolean isEmpty() {
    return steps.isEmpty();
  }

  @Override
  public String toString() {
    return "DeskChange[" + steps.size() + "]";
  }
}
