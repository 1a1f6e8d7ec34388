package org.concordat.aggregator.worker;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts alerts on earlier records of patterns against the cap on flags of the bank that gets them.
 * At most half of it goes to them: otherwise a bank could use up another's with payments that it
 * makes up. Serves one batch.
 */
final class MemberBudget {
  private static final String MEMBERS = "/members";

  private final long cap;
  private final Map<String, Long> opened;
  private final Map<String, Long> taken = new HashMap<>();

  /**
   * @param cap per rule, bank and day
   * @param opened of the day, by bank/rule, with what the batch's own flags took
   */
  MemberBudget(long cap, Map<String, Long> opened) {
    this.cap = cap;
    this.opened = new HashMap<>(opened);
  }

  boolean take(String rule, String bank) {
    String key = FlagCounts.key(bank, rule);
    String members = key + MEMBERS;
    if (opened.getOrDefault(key, 0L) >= cap || opened.getOrDefault(members, 0L) >= cap / 2) {
      return false;
    }
    for (String counted : new String[] {key, members}) {
      opened.merge(counted, 1L, Long::sum);
      taken.merge(counted, 1L, Long::sum);
    }
    return true;
  }

  /** What was taken, by bank/rule and by bank/rule/members. */
  Map<String, Long> taken() {
    return taken;
  }
}
