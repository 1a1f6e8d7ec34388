package org.concordat.aggregator.worker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.rules.link.LinkSpec;
import org.concordat.schemas.record.LinkSnapshot;

/**
 * By which number what an epoch remembers names a bank: members by their place in the charter, then
 * those that have left as they come in the epoch, so that it is the same at all parties. Safe for
 * several threads.
 */
final class BankIndexes {
  private final List<String> members;
  private final Map<String, Integer> indexes = new LinkedHashMap<>();

  /**
   * @param members the charter's banks
   */
  BankIndexes(List<String> members) {
    this.members = List.copyOf(members);
    begin(List.of());
  }

  /** An epoch begins, or is remembered again from where some banks had numbers. */
  synchronized void begin(List<String> numbered) {
    indexes.clear();
    members.forEach(this::of);
    numbered.forEach(this::of);
  }

  /** A bank that has left the charter is told from the others too, as long as there are numbers. */
  synchronized int of(String name) {
    return indexes.computeIfAbsent(
        name, unused -> Math.min(indexes.size(), LinkSpec.BANKS_MAX - 1));
  }

  /** Those that have a number, in the order of numbers. */
  synchronized List<String> names() {
    return List.copyOf(indexes.keySet());
  }

  int members() {
    return members.size();
  }

  /**
   * Whether a snapshot is of the same members: numbers lie in all that is remembered, and so does
   * whose payments may be alerted.
   */
  boolean areOf(LinkSnapshot snapshot) {
    return snapshot.getMembers() == members.size()
        && snapshot.getBanks().subList(0, members.size()).equals(members);
  }
}
