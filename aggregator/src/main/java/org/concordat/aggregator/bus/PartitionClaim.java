package org.concordat.aggregator.bus;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.jspecify.annotations.Nullable;

/**
 * This process's claim to one partition: the entry that it wrote into the topic of workers, and
 * whether that still is the last. The entry is written by the producer that has fenced off all
 * older ones, so the order of entries is the order in which the partition was taken.
 */
public final class PartitionClaim {
  private final DirectoryReader reader;
  private final WorkerDirectory directory;
  private final String topic;
  private final Charter charter;
  private final String aggregator;
  private final int partition;
  private final SigningKey signingKey;
  private final String name;
  private final String address;

  /** What was told, once it was. */
  private volatile @Nullable Worker staked;

  /**
   * @param name of this worker; empty for an aggregator that is a single process, which writes an
   *     entry only where it follows workers
   * @param address where peers reach it; empty where the name is
   */
  public PartitionClaim(
      DirectoryReader reader,
      WorkerDirectory directory,
      String topic,
      Charter charter,
      String aggregator,
      int partition,
      SigningKey signingKey,
      String name,
      String address) {
    this.reader = reader;
    this.directory = directory;
    this.topic = topic;
    this.charter = charter;
    this.aggregator = aggregator;
    this.partition = partition;
    this.signingKey = signingKey;
    this.name = name;
    this.address = address;
  }

  /**
   * Tells the peers that the partition is this process's.
   *
   * @param committer has just fenced off all others
   * @throws KafkaException it may or may not be told
   */
  public void stake(Committer committer) {
    boolean readable = reader.catchUp();
    Worker last = last();
    if (name.isEmpty() && last.isAlone()) {
      staked = last;
      return;
    }
    if (!readable) {
      throw new UnknownTopicOrPartitionException("Workers need the topic of workers.");
    }
    var next = new Worker(name, last.term() + 1, address);
    committer.announce(
        WorkerDirectory.record(topic, charter, aggregator, partition, next, signingKey));
    reader.catchUp();
    if (!last().equals(next)) {
      // Hidden behind somebody's open transaction, as another entry of this term may be too.
      throw new TimeoutException("The entry can't be read yet.");
    }
    staked = next;
  }

  /** What peers are told of this process. */
  public Worker own() {
    Worker told = staked;
    return told == null ? Worker.ALONE : told;
  }

  /** Whether the directory, as far as it was read, knows of a later process. */
  public boolean superseded() {
    Worker told = staked;
    return told != null && last().term() > told.term();
  }

  /** Whether no later process is known, after all was read. */
  public boolean stands() {
    if (!reader.catchUp() && !name.isEmpty()) {
      throw new UnknownTopicOrPartitionException("Workers need the topic of workers.");
    }
    return !superseded();
  }

  private Worker last() {
    return directory.worker(charter.aggregatorIndex(aggregator), partition);
  }
}
