package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * What is remembered of accounts and of whom they paid, under keyed hashes; the accounts' histories
 * are encrypted. Changed by {@link AgentStore#commit} alone.
 */
public final class HistoryStore {
  /** A time before all others, of what never was. */
  public static final long NEVER = Long.MIN_VALUE;

  private static final String ACCOUNTS = "history/accounts";
  private static final String BENEFICIARIES = "history/beneficiaries";
  private static final String CLOCK = "history/clock";

  /** What is kept. Holds plaintext: a class that prints and compares nothing. */
  public static final class Kept {
    private final byte @Nullable [] account;
    private final long beneficiaryMillis;

    private Kept(byte @Nullable [] account, long beneficiaryMillis) {
      this.account = account;
      this.beneficiaryMillis = beneficiaryMillis;
    }

    /** An encoded history; nothing where none is kept, or none was asked for. */
    public byte @Nullable [] account() {
      return account;
    }

    /** When the last payment to the beneficiary was accepted, or {@link #NEVER}. */
    public long beneficiaryMillis() {
      return beneficiaryMillis;
    }
  }

  private final Database db;
  private final Vault vault;
  private volatile long accounts;
  private volatile long beneficiaries;
  private volatile long clockMillis;

  HistoryStore(Database db, Vault vault) {
    this.db = db;
    this.vault = vault;
    this.accounts = number(ACCOUNTS, 0);
    this.beneficiaries = number(BENEFICIARIES, 0);
    this.clockMillis = number(CLOCK, NEVER);
  }

  private long number(String name, long otherwise) {
    byte[] value = db.get(Family.META, AgentStore.counterKey(name));
    return value == null ? otherwise : ByteBuffer.wrap(value).getLong();
  }

  /** Accounts that are kept. */
  public long accounts() {
    return accounts;
  }

  /** Pairs of an account and a beneficiary that are kept. */
  public long beneficiaries() {
    return beneficiaries;
  }

  /** How far event time has come, or {@link #NEVER}. */
  public long clockMillis() {
    return clockMillis;
  }

  /** Looks up an account, a beneficiary of one, or both at once. */
  public Kept find(@Nullable Id account, @Nullable Id beneficiary) {
    if (account == null) {
      byte[] value =
          beneficiary == null ? null : db.get(Family.HISTORY_BENEFICIARIES, beneficiary.bytes());
      return new Kept(null, millis(value));
    }
    if (beneficiary == null) {
      return new Kept(open(account, db.get(Family.HISTORY_ACCOUNTS, account.bytes())), NEVER);
    }
    var values =
        db.get(
            List.of(Family.HISTORY_ACCOUNTS, Family.HISTORY_BENEFICIARIES),
            List.of(account.bytes(), beneficiary.bytes()));
    return new Kept(open(account, values.get(0)), millis(values.get(1)));
  }

  private static long millis(byte @Nullable [] value) {
    return value == null ? NEVER : ByteBuffer.wrap(value).getLong();
  }

  private byte @Nullable [] open(Id account, byte @Nullable [] value) {
    return value == null
        ? null
        : vault.openHistory(account, Arrays.copyOfRange(value, Long.BYTES, value.length));
  }

  /**
   * Visits accounts in the order of their ids, and tells of those whose last payment was accepted
   * before a time.
   *
   * @return where to go on; nothing after the last one
   */
  public @Nullable Id visitAccounts(
      @Nullable Id from, int countMax, long oldestMillis, Consumer<Id> older) {
    return visit(Family.HISTORY_ACCOUNTS, from, countMax, oldestMillis, older);
  }

  /** As {@link #visitAccounts}, of beneficiaries. */
  public @Nullable Id visitBeneficiaries(
      @Nullable Id from, int countMax, long oldestMillis, Consumer<Id> older) {
    return visit(Family.HISTORY_BENEFICIARIES, from, countMax, oldestMillis, older);
  }

  private @Nullable Id visit(
      Family family, @Nullable Id from, int countMax, long oldestMillis, Consumer<Id> older) {
    @Nullable Id[] next = {null};
    int[] seen = {0};
    db.forEachFrom(
        family,
        from == null ? new byte[0] : from.bytes(),
        (key, value) -> {
          if (seen[0]++ == countMax) {
            next[0] = Id.of(key);
            return false;
          }
          if (ByteBuffer.wrap(value).getLong() < oldestMillis) {
            older.accept(Id.of(key));
          }
          return true;
        });
    return next[0];
  }

  void fill(WriteBatch batch, StoreGroup group) throws RocksDBException {
    for (var account : group.accounts.entrySet()) {
      Id id = account.getKey();
      StoreGroup.Remembering remembering = account.getValue();
      byte[] sealed = vault.sealHistory(id, remembering.history);
      batch.put(
          db.handle(Family.HISTORY_ACCOUNTS),
          id.bytes(),
          ByteBuffer.allocate(Long.BYTES + sealed.length)
              .putLong(remembering.acceptedMillis)
              .put(sealed)
              .array());
    }
    for (var beneficiary : group.beneficiaries.entrySet()) {
      batch.put(
          db.handle(Family.HISTORY_BENEFICIARIES),
          beneficiary.getKey().bytes(),
          Vault.numberKey(beneficiary.getValue()));
    }
    for (Id id : group.forgottenAccounts) {
      batch.delete(db.handle(Family.HISTORY_ACCOUNTS), id.bytes());
    }
    for (Id id : group.forgottenBeneficiaries) {
      batch.delete(db.handle(Family.HISTORY_BENEFICIARIES), id.bytes());
    }
    if (group.moreAccounts != 0) {
      put(batch, ACCOUNTS, accounts + group.moreAccounts);
    }
    if (group.moreBeneficiaries != 0) {
      put(batch, BENEFICIARIES, beneficiaries + group.moreBeneficiaries);
    }
    if (group.historyClockMillis != NEVER) {
      put(batch, CLOCK, group.historyClockMillis);
    }
  }

  private void put(WriteBatch batch, String name, long number) throws RocksDBException {
    batch.put(db.handle(Family.META), AgentStore.counterKey(name), Vault.numberKey(number));
  }

  /** The group is durable. Called by one thread at a time. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // read by others, changed under the store's lock
  void committed(StoreGroup group) {
    accounts += group.moreAccounts;
    beneficiaries += group.moreBeneficiaries;
    if (group.historyClockMillis != NEVER) {
      clockMillis = group.historyClockMillis;
    }
  }
}
