package org.concordat.aggregator.worker;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.schemas.record.Digest;

/**
 * The rule sets that this process can score by, and which one scored each partition's last batch:
 * the first, which it was started with, and later ones of the same contract and linkage. Safe for
 * several threads.
 */
public final class Scorings {
  private final Scoring first;
  private final List<Scoring> later = new CopyOnWriteArrayList<>();

  /** By partition. */
  private final Map<Integer, Digest> inForce = new ConcurrentHashMap<>();

  public Scorings(Scoring first) {
    this.first = first;
  }

  /** One more; partitions are told by the caller. */
  public void add(Scoring more) {
    later.add(more);
  }

  public Scoring first() {
    return first;
  }

  /** The one that a cut names; the machine agrees to no other. */
  Scoring of(Digest ruleSet) {
    return first.hash().equals(ruleSet)
        ? first
        : later.stream()
            .filter(each -> each.hash().equals(ruleSet))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("A cut names what this party has."));
  }

  /** Those beside the first. */
  public List<RuleSetId> later() {
    return later.stream().map(Scoring::id).toList();
  }

  /**
   * A batch of a partition was committed.
   *
   * @return whether the one before it was scored by another rule set
   */
  boolean scored(int partition, Digest ruleSet) {
    boolean changed = !inForce.getOrDefault(partition, first.hash()).equals(ruleSet);
    inForce.put(partition, ruleSet);
    if (changed) {
      // What those kept for their next batch is large.
      release(first);
      later.forEach(this::release);
    }
    return changed;
  }

  private void release(Scoring scoring) {
    if (!inForce.containsValue(scoring.hash())) {
      scoring.evaluator().release();
    }
  }

  /** Whether a rule set scored some partition's last batch; the first, before there is any. */
  public boolean isInForce(Digest ruleSet) {
    return inForce.isEmpty() ? first.hash().equals(ruleSet) : inForce.containsValue(ruleSet);
  }
}
