package org.concordat.agent.encode;

/**
 * What is remembered at most: beyond it accounts and beneficiaries that are new stay new, and that
 * is counted.
 *
 * @param accountsMax accounts, each at most some kilobytes
 * @param beneficiariesMax pairs of an account and a beneficiary, some dozen bytes each
 */
public record HistoryLimits(int accountsMax, int beneficiariesMax) {
  public static final HistoryLimits DEFAULT = new HistoryLimits(2_000_000, 10_000_000);
}
