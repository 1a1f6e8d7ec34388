package org.concordat.agent.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Changes that become durable together, see {@link AgentStore#commit}. */
public final class StoreGroup {
  /** A block with all its copies, by aggregator index, and its rows. */
  record Spooling(SpooledBlock block, List<byte[]> copies, JournalBlock rows) {}

  final List<Spooling> spoolings = new ArrayList<>();

  /** What was said of the payment with a reference; both ids are keyed hashes. */
  record Noting(Id reference, Id id, TakenNotice taken) {}

  record Answering(Id request, Answered answered, long millis) {}

  final Map<BlockPosition, Scored> scored = new LinkedHashMap<>();
  final List<BlockPosition> dropped = new ArrayList<>();
  final List<DeadLetter> letters = new ArrayList<>();
  final Map<String, SourcePosition> sources = new LinkedHashMap<>();
  final Map<String, Long> counters = new LinkedHashMap<>();
  final Map<Tally, Long> tallies = new LinkedHashMap<>();
  final List<Reference> references = new ArrayList<>();
  final List<Answering> answers = new ArrayList<>();
  final List<Noting> notices = new ArrayList<>();

  /** An account's history, encoded, and when its last payment was accepted. Holds plaintext. */
  static final class Remembering {
    final byte[] history;
    final long acceptedMillis;

    Remembering(byte[] history, long acceptedMillis) {
      this.history = history;
      this.acceptedMillis = acceptedMillis;
    }
  }

  final Map<Id, Remembering> accounts = new LinkedHashMap<>();
  final Map<Id, Long> beneficiaries = new LinkedHashMap<>();
  final List<Id> forgottenAccounts = new ArrayList<>();
  final List<Id> forgottenBeneficiaries = new ArrayList<>();
  long moreAccounts;
  long moreBeneficiaries;
  long historyClockMillis = HistoryStore.NEVER;

  /** Spools a sealed block: it will be published, and its sequence is used up. */
  public StoreGroup spool(SpooledBlock block, List<byte[]> copies, JournalBlock rows) {
    spoolings.add(new Spooling(block, List.copyOf(copies), rows));
    return this;
  }

  /** A block is known to be scored: it leaves the spool, its journal stays. */
  public StoreGroup scored(BlockPosition position, Scored cut) {
    scored.put(position, cut);
    return this;
  }

  /** A block is used up without being scored and its rows go elsewhere: spool and journal go. */
  public StoreGroup drop(BlockPosition position) {
    dropped.add(position);
    return this;
  }

  public StoreGroup deadLetter(DeadLetter letter) {
    letters.add(letter);
    return this;
  }

  /** How far a source has been read; of several in one group the last holds. */
  public StoreGroup source(String name, SourcePosition position) {
    sources.put(name, position);
    return this;
  }

  /** Sets a named number, such as how far a topic was read. */
  public StoreGroup counter(String name, long value) {
    counters.put(name, value);
    return this;
  }

  /** Counts on, across restarts and exactly once. */
  public StoreGroup count(Tally tally, long more) {
    tallies.merge(tally, more, Long::sum);
    return this;
  }

  /** What a reference leads to, beside what it led to before. */
  public StoreGroup reference(Reference reference) {
    references.add(reference);
    return this;
  }

  /**
   * What was said of a payment after it, or before it came.
   *
   * @param reference keyed hash of the payment's reference
   * @param id keyed hash of the notice
   */
  public StoreGroup notice(Id reference, Id id, TakenNotice taken) {
    notices.add(new Noting(reference, id, taken));
    return this;
  }

  /**
   * What a request was answered.
   *
   * @param request keyed hash of who sent it under which key
   */
  public StoreGroup answered(Id request, Answered answered, long millis) {
    answers.add(new Answering(request, answered, millis));
    return this;
  }

  /**
   * An account's history as it is now; of several in one group the last holds.
   *
   * @param history encoded
   * @param isNew whether none was kept of the account
   */
  public StoreGroup account(Id account, byte[] history, long acceptedMillis, boolean isNew) {
    accounts.put(account, new Remembering(history, acceptedMillis));
    moreAccounts += isNew ? 1 : 0;
    return this;
  }

  /** When an account last paid a beneficiary, under a keyed hash of both. */
  public StoreGroup beneficiary(Id beneficiary, long acceptedMillis, boolean isNew) {
    beneficiaries.put(beneficiary, acceptedMillis);
    moreBeneficiaries += isNew ? 1 : 0;
    return this;
  }

  /** How far event time has come. */
  public StoreGroup historyClock(long millis) {
    historyClockMillis = millis;
    return this;
  }

  /** These are kept no longer. */
  public StoreGroup forget(List<Id> accountIds, List<Id> beneficiaryIds) {
    forgottenAccounts.addAll(accountIds);
    forgottenBeneficiaries.addAll(beneficiaryIds);
    moreAccounts -= accountIds.size();
    moreBeneficiaries -= beneficiaryIds.size();
    return this;
  }
}
