package org.concordat.agent.publish;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private final AgentStore store;
  private final int partitions;
  private final Predicate<String> rules;
  private final int daysMax;

  /**
   * @param rules whose flags a cap can hold; a notice of another one counts for nothing, so that no
   *     aggregator fills the store
   */
  public HeldFlags(AgentStore store, int partitions, Predicate<String> rules) {
    this.store = store;
    this.partitions = partitions;
    this.rules = rules;
    // The journal's, today, and tomorrow where an aggregator's day has begun.
    this.daysMax = Math.toIntExact(store.limits().seenAge().toDays()) + 2;
  }

  private static String prefix(int partition) {
    return PREFIX + partition + '/';
  }

  /**
   * Keeps a signed notice if it can be right: of a partition and rule that there is. An
   * aggregator's later word on a day replaces its earlier one, and its newest days its oldest.
   *
   * <p>No clock says which days can be: what is left out while it is wrong isn't told again. An
   * aggregator that makes up days replaces its own words alone.
   */
  void take(HeldNotice notice) {
    boolean canBe =
        notice.getPartition() >= 0
            && notice.getPartition() < partitions
            && rules.test(notice.getRule())
            && notice.getDay() >= 0;
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
    forgetOldDays(notice.getPartition(), notice.getAggregator());
  }

  private void forgetOldDays(int partition, String aggregator) {
    List<String> names =
        store.values(prefix(partition)).keySet().stream()
            .filter(name -> name.split("/", 5)[3].equals(aggregator))
            .toList();
    List<Long> days =
        names.stream().map(HeldFlags::day).distinct().sorted(Comparator.reverseOrder()).toList();
    if (days.size() > daysMax) {
      long oldest = days.get(daysMax - 1);
      store.remove(names.stream().filter(name -> day(name) < oldest).toList());
    }
  }

  private static long day(String name) {
    return Long.parseLong(name.split("/", 5)[2]);
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
