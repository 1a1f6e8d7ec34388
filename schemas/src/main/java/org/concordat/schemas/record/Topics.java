package org.concordat.schemas.record;

/**
 * The names of the topics of one consortium.
 *
 * @param prefix ends with a dot; holds the consortium's name and, for a test charter, its mode
 */
public record Topics(String prefix) {
  public Topics {
    if (!prefix.endsWith(".")) {
      throw new IllegalArgumentException("prefix");
    }
  }

  /** Aggregators' HPKE keys; compacted, one partition. */
  public String keys() {
    return prefix + "keys";
  }

  /** Which worker of each aggregator works on which partition; compacted, one partition. */
  public String workers() {
    return prefix + "workers";
  }

  /** A bank's sealing sessions; compacted, one partition. */
  public String sessions(String bank) {
    return prefix + "sessions." + bank;
  }

  /** The models of secret weights that a bank publishes; compacted, one partition. */
  public String models(String bank) {
    return prefix + "models." + bank;
  }

  /** A bank's blocks for one aggregator. */
  public String shares(String bank, String aggregator) {
    return prefix + "shares." + bank + "." + aggregator;
  }

  /** What was committed, by every aggregator. */
  public String cuts() {
    return prefix + "cuts";
  }

  /** A bank's alert shares, by every aggregator. */
  public String alerts(String bank) {
    return prefix + "alerts." + bank;
  }

  /** A bank's receipts for blocks that were not scored; one partition. */
  public String receipts(String bank) {
    return prefix + "receipts." + bank;
  }

  /** An aggregator's own votes. */
  public String votes(String aggregator) {
    return prefix + "votes." + aggregator;
  }

  /** Where an aggregator's partitions stand; compacted. */
  public String state(String aggregator) {
    return prefix + "state." + aggregator;
  }

  /** What an aggregator remembers of the entities that it linked. */
  public String links(String aggregator) {
    return prefix + "links." + aggregator;
  }

  /** Snapshots of that, from which a start goes on. */
  public String snapshots(String aggregator) {
    return prefix + "snapshots." + aggregator;
  }
}
