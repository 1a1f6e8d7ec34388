package org.concordat.agent.publish;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreGroup;

/**
 * Which partitions' cuts are read as far as they had come when the agent began to, and which blocks
 * none of these can name.
 *
 * <p>A data folder may be older than what its last run left, say a snapshot of a disk. What is
 * sealed then gets sequences that are used up, and a cut of the lost run would have it counted as
 * scored. So nothing of a partition is sent until its cuts are caught up with: till then no cut can
 * name a block that hasn't been sent, unless there was another run. From which sequence on that is
 * so is kept in the store, since a process may end before: the next one's blocks begin behind.
 *
 * <p>Doesn't notice what only a later cut tells: blocks of the lost run that no aggregator had said
 * a word on yet. Those the aggregators hold against the new ones with their sequences.
 */
public final class CatchUp {
  /** Who hasn't caught up after that is waited for. */
  static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Kept of a partition that was caught up with: all that is durable may have been sent. */
  private static final long NONE = -1;

  private final AgentStore store;
  private final LongSupplier nanoClock;
  private final long beginNanos;
  private final Map<Integer, Long> unsentFrom = new HashMap<>();
  private final Set<Integer> behind = ConcurrentHashMap.newKeySet();

  /** To be made before anything is sealed or sent. */
  public CatchUp(AgentStore store, int partitions) {
    this(store, partitions, System::nanoTime);
  }

  CatchUp(AgentStore store, int partitions, LongSupplier nanoClock) {
    this.store = store;
    this.nanoClock = nanoClock;
    this.beginNanos = nanoClock.getAsLong();
    var group = new StoreGroup();
    for (int partition = 0; partition < partitions; partition++) {
      long kept = store.counter(name(partition)).orElse(NONE);
      long from = kept == NONE ? store.nextSequence(partition) : kept;
      unsentFrom.put(partition, from);
      behind.add(partition);
      group.counter(name(partition), from);
    }
    store.commit(group);
  }

  private static String name(int partition) {
    return "cuts/unsent/" + partition;
  }

  /** Whether a partition's blocks may be sent. */
  boolean isDone(int partition) {
    return !behind.contains(partition);
  }

  /** Partitions whose blocks may not be sent though it is some time since the agent began. */
  Set<Integer> overdue() {
    return nanoClock.getAsLong() - beginNanos < OVERDUE_NANOS ? Set.of() : Set.copyOf(behind);
  }

  /** No word on a cut that was there before a partition was done is on a block from here on. */
  long unsentFrom(int partition) {
    return unsentFrom.getOrDefault(partition, 0L);
  }

  /** The cuts of these partitions are read as far as they had come. */
  void done(Set<Integer> partitions) {
    var group = new StoreGroup();
    partitions.stream()
        .filter(behind::contains)
        .forEach(partition -> group.counter(name(partition), NONE));
    // First: with the old number the next start would take what is sent from now on for another's.
    store.commit(group);
    behind.removeAll(partitions);
  }
}
