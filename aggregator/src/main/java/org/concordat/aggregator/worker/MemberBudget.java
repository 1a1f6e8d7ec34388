package org.concordat.aggregator.worker;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts alerts on earlier records of patterns, beside the flags of the bank that gets them: half
 * as many as the cap on its flags, one at least. None of them takes a flag's place, since another
 * bank could use these up with payments that it makes up. Serves one batch.
 */
final class MemberBudget {
  private static final String MEMBERS = "/members";

  private final long cap;
  private final Map<String, Long> opened;
  private final Map<String, Long> taken = new HashMap<>();

  /**
   * @param cap per rule, bank and day
   * @param opened of the day, by bank/rule and bank/rule/members
   */
  MemberBudget(long cap, Map<String, Long> opened) {
    this.cap = cap;
    this.opened = new HashMap<>(opened);
  }

  boolean take(String rule, String bank) {
    String members = FlagCounts.key(bank, rule) + MEMBERS;
    if (opened.getOrDefault(members, 0L) >= Math.min(cap, Math.max(1, cap / 2))) {
      return false;
    }
    opened.merge(members, 1L, Long::sum);
    taken.merge(members, 1L, Long::sum);
    return true;
  }

  /** What was taken, by bank/rule/members. */
  Map<String, Long> taken() {
    return taken;
  }
}
