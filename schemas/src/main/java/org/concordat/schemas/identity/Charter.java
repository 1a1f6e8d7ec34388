package org.concordat.schemas.identity;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.Topics;

/**
 * The consortium's signed constitution: who is a member, who computes, in which mode, within which
 * caps. Read by {@link CharterFile}, which checks that every member has signed it.
 *
 * <p>Members change by a next revision, which names the founding charter. Records name the founding
 * one, so that what is on its way, stored or delivered stays valid; links name the revision, so
 * that aggregators compute under one and the same. That a revision follows from the one before is
 * not proved by the files: each member checks it and signs, and a party takes no charter that its
 * own organisation has not signed.
 *
 * @param hash SHA-256 of the founding charter file's bytes: every record names it
 * @param revision counts from 1, the founding charter
 * @param revisionHash SHA-256 of this revision's bytes, the same as {@code hash} in the first:
 *     every link names it
 * @param suite the protocol suite; {@code rep3} is the one that exists
 * @param partitions of every topic that carries blocks, cuts and alerts
 * @param quorum banks whose signatures a rule set needs
 * @param epochDays after which aggregators draw a new key for pseudonyms
 * @param allowUnverifiedLinkage whether pseudonyms may be opened under a suite that can't verify
 *     before it opens: one aggregator that cheats could extract their key
 * @param contractVersions accepted side by side
 * @param aggregators in the order of their index
 */
public record Charter(
    Digest hash,
    int revision,
    Digest revisionHash,
    String consortium,
    Mode mode,
    String suite,
    int partitions,
    int quorum,
    boolean bankOperatedAggregators,
    int epochDays,
    boolean allowUnverifiedLinkage,
    Set<Integer> contractVersions,
    Caps caps,
    List<Aggregator> aggregators,
    List<Bank> banks) {
  /** Version of the records on the bus and of the peers' protocol. */
  public static final int PROTOCOL = 1;

  /** Days of an epoch, where a charter doesn't say. */
  public static final int EPOCH_DAYS_DEFAULT = 35;

  /** A charter that allows no unverified linkage. */
  public Charter(
      Digest hash,
      int revision,
      Digest revisionHash,
      String consortium,
      Mode mode,
      String suite,
      int partitions,
      int quorum,
      boolean bankOperatedAggregators,
      int epochDays,
      Set<Integer> contractVersions,
      Caps caps,
      List<Aggregator> aggregators,
      List<Bank> banks) {
    this(
        hash,
        revision,
        revisionHash,
        consortium,
        mode,
        suite,
        partitions,
        quorum,
        bankOperatedAggregators,
        epochDays,
        false,
        contractVersions,
        caps,
        aggregators,
        banks);
  }

  /** Whether everything may be opened for checks. */
  public enum Mode {
    PRODUCTION,
    TEST
  }

  /**
   * What no rule set may exceed.
   *
   * @param linkageBits opened of a pseudonym
   * @param bitsPerAlert told to a bank by one alert
   * @param flagsPerBankAndDay opened per rule, bank and UTC day
   * @param comparisonsPerScore thresholds on one score
   */
  public record Caps(
      int linkageBits, int bitsPerAlert, int flagsPerBankAndDay, int comparisonsPerScore) {}

  /** One that computes. */
  public record Aggregator(String name, String operator, VerifyingKey verifyingKey) {}

  /** One that submits; alerts are sealed for its alert key, which is not its signing key. */
  public record Bank(String name, VerifyingKey verifyingKey, SealingPublicKey alertKey) {}

  /**
   * Reads a charter and checks that every member has signed it.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<Charter> read(Path file, Problems problems) {
    return CharterFile.read(file, problems);
  }

  /** As records and labels write it: {@code production} or {@code test}. */
  public String modeName() {
    return mode == Mode.TEST ? "test" : "production";
  }

  /** Topic names; a test charter's differ from a production charter's. */
  public Topics topics(String operatorPrefix) {
    return new Topics(operatorPrefix + consortium + (mode == Mode.TEST ? "-test" : "") + ".");
  }

  public Optional<Bank> bank(String name) {
    return banks.stream().filter(b -> b.name().equals(name)).findFirst();
  }

  public Optional<Aggregator> aggregator(String name) {
    return aggregators.stream().filter(a -> a.name().equals(name)).findFirst();
  }

  /** The aggregator's index, or -1. */
  public int aggregatorIndex(String name) {
    for (int i = 0; i < aggregators.size(); i++) {
      if (aggregators.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The banks' verifying keys by name. */
  public Map<String, VerifyingKey> bankKeys() {
    Map<String, VerifyingKey> keys = new LinkedHashMap<>();
    banks.forEach(b -> keys.put(b.name(), b.verifyingKey()));
    return keys;
  }

  /** The verifying keys of all members, banks and aggregators, by name. */
  public Map<String, VerifyingKey> memberKeys() {
    Map<String, VerifyingKey> keys = bankKeys();
    aggregators.forEach(a -> keys.put(a.name(), a.verifyingKey()));
    return keys;
  }
}
