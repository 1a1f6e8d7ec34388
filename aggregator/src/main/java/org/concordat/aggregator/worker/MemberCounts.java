package org.concordat.aggregator.worker;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.concordat.rules.plan.MemberAlerts;
import org.concordat.rules.plan.MemberAlerts.Chosen;
import org.concordat.rules.plan.Plan;

/**
 * What became of the earlier records of a batch's patterns, by rule.
 *
 * @param alerted their banks are told
 * @param held their banks' part of the cap was used up
 */
record MemberCounts(Map<String, Integer> alerted, Map<String, Integer> held) {
  static final MemberCounts NONE = new MemberCounts(Map.of(), Map.of());

  static MemberCounts of(Plan plan, MemberAlerts alerts) {
    return new MemberCounts(byRule(plan, alerts.chosen()), byRule(plan, alerts.held()));
  }

  private static Map<String, Integer> byRule(Plan plan, List<Chosen> records) {
    Map<String, Integer> counts = new TreeMap<>();
    records.forEach(
        chosen -> counts.merge(plan.outputs().get(chosen.output()).rule(), 1, Integer::sum));
    return counts;
  }
}
