package org.concordat.agent.encode;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.HistoryStore;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.rules.feature.EncodedRow;
import org.concordat.rules.feature.FeatureContract;
import org.concordat.rules.history.AccountHistory;
import org.concordat.rules.history.HistoryFeatures;
import org.concordat.rules.history.HistoryId;
import org.concordat.rules.history.HistoryIds;
import org.concordat.rules.history.HistoryShape;
import org.concordat.rules.history.HistoryState;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of accounts, in the store and ahead of it: each row's change becomes durable
 * in the same write as the row, so after a kill the history is that of the rows that are there.
 *
 * <p>Rows are taken one after another by all sources. What changed and isn't durable stays in
 * memory; the rest of what was used last is kept there too, up to a bound.
 */
public final class KeptHistory implements HistoryState {
  private final AgentStore store;
  private final HistoryStore kept;
  private final HistoryLimits limits;
  private final HistoryShape shape;
  private final Recent<Account> accounts;
  private final Recent<Beneficiary> beneficiaries;
  private long accountCount;
  private long beneficiaryCount;
  private long clockMillis;
  private @Nullable Id accountsSwept;
  private @Nullable Id beneficiariesSwept;
  private Change change = new Change();

  /** A cached entry: what is kept, and how many changes of it aren't durable. */
  private abstract static class Entry {
    boolean exists;
    int underway;
  }

  private static final class Account extends Entry {
    @Nullable AccountHistory history;
  }

  private static final class Beneficiary extends Entry {
    long acceptedMillis = NEVER;
  }

  /** Keeps those that were used last, and all that aren't durable. */
  private static final class Recent<E extends Entry> {
    /** So many that aren't durable are passed over for one that is. */
    private static final int TRIES = 16;

    final Map<Id, E> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final int countMax;

    Recent(int countMax) {
      this.countMax = countMax;
    }

    void put(Id id, E entry) {
      Iterator<E> oldest = entries.values().iterator();
      for (int i = 0; i < TRIES && entries.size() >= countMax && oldest.hasNext(); i++) {
        if (oldest.next().underway == 0) {
          oldest.remove();
        }
      }
      entries.put(id, entry);
    }

    void durable(Id id) {
      E entry = entries.get(id);
      if (entry != null) {
        entry.underway--;
      }
    }

    boolean isUnderway(Id id) {
      E entry = entries.get(id);
      return entry != null && entry.underway > 0;
    }
  }

  /** What one row changed, to become durable with it. */
  final class Change {
    private HistoryFeatures.Taken taken = HistoryFeatures.Taken.NOT_REMEMBERED;
    private @Nullable Id account;
    private byte[] history = new byte[0];
    private boolean isNewAccount;
    private @Nullable Id beneficiary;
    private boolean isNewBeneficiary;
    private long acceptedMillis;
    private long clock = NEVER;

    void addTo(StoreGroup group) {
      if (account != null) {
        group.account(account, history, acceptedMillis, isNewAccount);
      }
      if (beneficiary != null) {
        group.beneficiary(beneficiary, acceptedMillis, isNewBeneficiary);
      }
      if (clock != NEVER) {
        group.historyClock(clock);
      }
      switch (taken) {
        case AHEAD -> group.count(Tally.HISTORY_AHEAD, 1);
        case FULL -> group.count(Tally.HISTORY_FULL, 1);
        case REMEMBERED, NOT_REMEMBERED -> {}
      }
    }

    /** The group is durable. */
    void durable() {
      synchronized (KeptHistory.this) {
        if (account != null) {
          accounts.durable(account);
        }
        if (beneficiary != null) {
          beneficiaries.durable(beneficiary);
        }
      }
    }
  }

  /**
   * @param cachedMax accounts, and as many beneficiaries, that are kept in memory though durable
   */
  public KeptHistory(
      FeatureContract contract, AgentStore store, HistoryLimits limits, int cachedMax) {
    this.store = store;
    this.kept = store.history();
    this.limits = limits;
    this.shape = new HistoryShape(contract);
    this.accounts = new Recent<>(cachedMax);
    this.beneficiaries = new Recent<>(cachedMax);
    this.accountCount = kept.accounts();
    this.beneficiaryCount = kept.beneficiaries();
    this.clockMillis = kept.clockMillis();
  }

  /** The features of one source's rows; serves one thread at a time. */
  HistoryFeatures features(FeatureContract contract, HistoryIds ids) {
    return new HistoryFeatures(contract, ids, this);
  }

  /**
   * Fills in a row's features and remembers it.
   *
   * @param features made here
   * @param remember whether it counts for later rows
   * @return to be made durable with the row
   */
  synchronized Change take(
      HistoryFeatures features, EncodedRow row, long acceptedMillis, boolean remember) {
    change = new Change();
    change.taken = features.take(row, acceptedMillis, remember);
    return change;
  }

  @Override
  public synchronized long clockMillis() {
    return clockMillis;
  }

  @Override
  public synchronized void clock(long millis) {
    clockMillis = millis;
    change.clock = millis;
  }

  @Override
  public synchronized Known known(HistoryId accountId, @Nullable HistoryId beneficiaryId) {
    Id id = id(accountId);
    Id paidId = beneficiaryId == null ? null : id(beneficiaryId);
    Account account = accounts.entries.get(id);
    Beneficiary paid = paidId == null ? null : beneficiaries.entries.get(paidId);
    if (account == null || (paidId != null && paid == null)) {
      HistoryStore.Kept found =
          kept.find(account == null ? id : null, paid == null ? paidId : null);
      if (account == null) {
        account = account(found.account());
        accounts.put(id, account);
      }
      if (paidId != null && paid == null) {
        paid = new Beneficiary();
        paid.acceptedMillis = found.beneficiaryMillis();
        paid.exists = found.beneficiaryMillis() != NEVER;
        beneficiaries.put(paidId, paid);
      }
    }
    return new Known(account.history, paid == null ? NEVER : paid.acceptedMillis);
  }

  private Account account(byte @Nullable [] encoded) {
    var account = new Account();
    account.exists = encoded != null;
    account.history = encoded == null ? null : AccountHistory.decode(shape, encoded);
    return account;
  }

  private static Id id(HistoryId id) {
    return new Id(id.high(), id.low());
  }

  @Override
  public synchronized boolean remember(
      HistoryId accountId,
      AccountHistory history,
      @Nullable HistoryId beneficiaryId,
      long acceptedMillis) {
    Id id = id(accountId);
    Account account = accounts.entries.get(id);
    if (account == null) {
      throw new IllegalStateException("An account is looked up before it is changed.");
    }
    if (!account.exists && accountCount >= limits.accountsMax()) {
      return false;
    }
    change.isNewAccount = !account.exists;
    accountCount += account.exists ? 0 : 1;
    account.exists = true;
    account.history = history;
    account.underway++;
    change.account = id;
    change.history = history.encode();
    change.acceptedMillis = acceptedMillis;
    return beneficiaryId == null || remember(id(beneficiaryId), acceptedMillis);
  }

  private boolean remember(Id id, long acceptedMillis) {
    Beneficiary paid = beneficiaries.entries.get(id);
    if (paid == null) {
      throw new IllegalStateException("A beneficiary is looked up before it is changed.");
    }
    if (!paid.exists && beneficiaryCount >= limits.beneficiariesMax()) {
      return false;
    }
    change.isNewBeneficiary = !paid.exists;
    beneficiaryCount += paid.exists ? 0 : 1;
    paid.exists = true;
    paid.acceptedMillis = acceptedMillis;
    paid.underway++;
    change.beneficiary = id;
    return true;
  }

  /**
   * Looks through the next of what is kept, in turn, and forgets what is beyond the horizon.
   *
   * @param countMax accounts, and as many beneficiaries, that are looked at
   * @return how many were forgotten
   */
  public synchronized int expire(long nowMillis, int countMax) {
    long oldest = nowMillis - HistoryFeatures.HORIZON.toMillis();
    List<Id> oldAccounts = new ArrayList<>();
    List<Id> oldBeneficiaries = new ArrayList<>();
    accountsSwept = kept.visitAccounts(accountsSwept, countMax, oldest, oldAccounts::add);
    beneficiariesSwept =
        kept.visitBeneficiaries(beneficiariesSwept, countMax, oldest, oldBeneficiaries::add);
    // What is on its way to the store is young, and must not be taken for what it replaces.
    oldAccounts.removeIf(accounts::isUnderway);
    oldBeneficiaries.removeIf(beneficiaries::isUnderway);
    int forgotten = oldAccounts.size() + oldBeneficiaries.size();
    if (forgotten > 0) {
      store.commit(new StoreGroup().forget(oldAccounts, oldBeneficiaries));
      oldAccounts.forEach(accounts.entries::remove);
      oldBeneficiaries.forEach(beneficiaries.entries::remove);
      accountCount -= oldAccounts.size();
      beneficiaryCount -= oldBeneficiaries.size();
    }
    return forgotten;
  }

  /** Of accounts or beneficiaries, whichever is nearer to its limit. */
  public double fillRatio() {
    return Math.max(
        (double) kept.accounts() / limits.accountsMax(),
        (double) kept.beneficiaries() / limits.beneficiariesMax());
  }

  @Override
  public String toString() {
    return "KeptHistory[" + shape + "]";
  }
}
