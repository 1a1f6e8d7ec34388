package org.concordat.aggregator.worker;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.rules.link.Alerted;
import org.concordat.rules.plan.MemberAlerts;

/**
 * What bounds the alerts of earlier records: each is sent once, and a rule's budget of their bank.
 *
 * @param committed the epoch's
 * @param pending those of its batches that aren't committed, by rule
 * @param members of the consortium, by index
 */
record SentAlerts(
    Alerted committed,
    List<Map<String, Set<Long>>> pending,
    MemberBudget budget,
    List<String> members)
    implements MemberAlerts.Limits {
  @Override
  public boolean isSent(String rule, long place) {
    return committed.contains(rule, place)
        || pending.stream().anyMatch(sent -> sent.getOrDefault(rule, Set.of()).contains(place));
  }

  @Override
  public boolean take(String rule, int bank) {
    return budget.take(rule, members.get(bank));
  }
}
