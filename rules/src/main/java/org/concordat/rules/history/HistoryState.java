package org.concordat.rules.history;

import org.jspecify.annotations.Nullable;

/** Where it is kept what was remembered: in memory, or durably at a bank. */
public interface HistoryState {
  /** A time before all others, of what never was. */
  long NEVER = Long.MIN_VALUE;

  /**
   * What is known of an account and a beneficiary.
   *
   * @param account changed in place by whoever remembers a payment with it
   * @param beneficiaryMillis when the last payment to the beneficiary was accepted
   */
  record Known(@Nullable AccountHistory account, long beneficiaryMillis) {}

  /** How far event time has come, or {@link #NEVER}. */
  long clockMillis();

  /** Event time has come so far. */
  void clock(long millis);

  /** Looks both up at once. */
  Known known(HistoryId account, @Nullable HistoryId beneficiary);

  /**
   * Keeps an account's history and that the beneficiary was paid. Called after {@link #known} for
   * the same.
   *
   * @return false if there was no room for all of it
   */
  boolean remember(
      HistoryId account,
      AccountHistory history,
      @Nullable HistoryId beneficiary,
      long acceptedMillis);
}
