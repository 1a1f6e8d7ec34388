package org.concordat.agent.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;

/**
 * Which rows were scored while a rule's flags stayed closed, since the charter's cap was reached.
 * Two aggregators that say the same make it so.
 */
public final class HeldFlags {
  private static final String PREFIX = "held/";
  private static final int AGREEING = 2;
  private static final Signature NONE = new Signature(new byte[64]);

  /** How far an aggregator's day may be ahead of this party's. */
  private static final int DAYS_AHEAD_MAX = 1;

  private final AgentStore store;
  private final int partitions;
  private final Predicate<String> rules;
  private final LongSupplier millisClock;

  /**
   * @param rules whose flags a cap can hold; a notice of another one counts for nothing, so that no
   *     aggregator fills the store
   */
  public HeldFlags(
      AgentStore store, int partitions, Predicate<String> rules, LongSupplier millisClock) {
    this.store = store;
    this.partitions = partitions;
    this.rules = rules;
    this.millisClock = millisClock;
  }

  private static String prefix(int partition) {
    return PREFIX + partition + '/';
  }

  /**
   * Keeps a signed notice if it can be right: of a partition and rule that there is, and of a day
   * from the horizon to tomorrow. An aggregator's later word on a day replaces its earlier one.
   */
  void take(HeldNotice notice) {
    long today = Duration.ofMillis(millisClock.getAsLong()).toDays();
    long oldest = today - store.limits().seenAge().toDays();
    boolean canBe =
        notice.getPartition() >= 0
            && notice.getPartition() < partitions
            && rules.test(notice.getRule())
            && notice.getDay() >= oldest
            && notice.getDay() <= today + DAYS_AHEAD_MAX;
    if (!canBe) {
      return;
    }
    String name =
        prefix(notice.getPartition())
            + notice.getDay()
            + '/'
            + notice.getAggregator()
            + '/'
            + notice.getRule();
    store.put(name, RecordCodec.encode(notice));
    store.remove(
        store.values(PREFIX).keySet().stream()
            .filter(key -> Long.parseLong(key.split("/", 4)[2]) < oldest)
            .toList());
  }

  /** Rules whose flags stay closed on a row. */
  public List<String> rules(BlockPosition position, int row) {
    List<String> rules = new ArrayList<>();
    for (HeldNotice notice : agreed(position.partition())) {
      boolean begun =
          position.sequence() > notice.getFirstSequence()
              || position.sequence() == notice.getFirstSequence() && row >= notice.getFirstRow();
      boolean over =
          notice.getNextSequence() > 0 && position.sequence() >= notice.getNextSequence();
      if (begun && !over && !rules.contains(notice.getRule())) {
        rules.add(notice.getRule());
      }
    }
    return rules;
  }

  private List<HeldNotice> agreed(int partition) {
    Map<HeldNotice, Integer> voices = new HashMap<>();
    for (byte[] value : store.values(prefix(partition)).values()) {
      HeldNotice said =
          HeldNotice.newBuilder(RecordCodec.decode(HeldNotice.class, value))
              .setAggregator("")
              .setIssuedMillis(0)
              .setSignature(NONE)
              .build();
      voices.merge(said, 1, Integer::sum);
    }
    return voices.entrySet().stream()
        .filter(said -> said.getValue() >= AGREEING)
        .map(Map.Entry::getKey)
        .toList();
  }
}
