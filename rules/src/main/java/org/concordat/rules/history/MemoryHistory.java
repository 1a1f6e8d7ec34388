package org.concordat.rules.history;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers in memory, up to a bound, and as long as it lives: for simulations and checks over a
 * file. Beyond the bound new accounts and beneficiaries stay new.
 */
public final class MemoryHistory implements HistoryState {
  private final int accountsMax;
  private final int beneficiariesMax;
  private final Map<HistoryId, AccountHistory> accounts = new HashMap<>();
  private final Map<HistoryId, Long> beneficiaries = new HashMap<>();
  private long clockMillis = NEVER;

  public MemoryHistory(int accountsMax, int beneficiariesMax) {
    this.accountsMax = accountsMax;
    this.beneficiariesMax = beneficiariesMax;
  }

  @Override
  public long clockMillis() {
    return clockMillis;
  }

  @Override
  public void clock(long millis) {
    clockMillis = millis;
  }

  @Override
  public Known known(HistoryId account, @Nullable HistoryId beneficiary) {
    return new Known(
        accounts.get(account),
        beneficiary == null ? NEVER : beneficiaries.getOrDefault(beneficiary, NEVER));
  }

  @Override
  public boolean remember(
      HistoryId account,
      AccountHistory history,
      @Nullable HistoryId beneficiary,
      long acceptedMillis) {
    if (accounts.size() >= accountsMax && !accounts.containsKey(account)) {
      return false;
    }
    accounts.put(account, history);
    if (beneficiary == null) {
      return true;
    }
    if (beneficiaries.size() >= beneficiariesMax && !beneficiaries.containsKey(beneficiary)) {
      return false;
    }
    beneficiaries.put(beneficiary, acceptedMillis);
    return true;
  }

  @Override
  public String toString() {
    return "MemoryHistory[" + accounts.size() + " accounts]";
  }
}
