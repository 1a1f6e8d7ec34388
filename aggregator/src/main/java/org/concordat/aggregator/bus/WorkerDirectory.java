package org.concordat.aggregator.bus;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.WorkerEntry;
import org.concordat.schemas.seal.Signed;

/**
 * Which worker of each aggregator works on which partition, as far as the topic of workers was
 * read. Believes only what the aggregator has signed, and of two entries the one of the later term,
 * in whatever order the brokers show them. Safe for many threads.
 *
 * <p>Does NOT protect against brokers that withhold an entry: then peers call a worker that has
 * lost the partition, and have no session until they see it.
 */
public final class WorkerDirectory {
  private static final String NAME = "[a-z0-9-]{1,32}";
  private static final int ADDRESS_CHARS_MAX = 260;

  /**
   * A worker at a partition.
   *
   * @param name empty where the aggregator is a single process
   * @param term of an aggregator and partition; 0 where no worker ever had it
   * @param address as host:port; empty where the name is
   */
  public record Worker(String name, long term, String address) {
    /** Of a single process, which is found where the configuration says. */
    public static final Worker ALONE = new Worker("", 0, "");

    /** Whether the aggregator is a single process, as far as this partition goes. */
    public boolean isAlone() {
      return name.isEmpty();
    }

    /** Unresolved. */
    public InetSocketAddress socketAddress() {
      return addressOf(address)
          .orElseThrow(() -> new IllegalStateException("An entry's address was looked at."));
    }
  }

  private record Place(int party, int partition) {}

  private final Charter charter;
  private final Map<Place, Worker> workers = new ConcurrentHashMap<>();

  public WorkerDirectory(Charter charter) {
    this.charter = charter;
  }

  /** Who works on a partition. */
  public Worker worker(int party, int partition) {
    return workers.getOrDefault(new Place(party, partition), Worker.ALONE);
  }

  /** What a record of the topic came to. */
  public enum Taken {
    NEWS,
    /** It says what is known, or what was true before. */
    OLD,
    /** It is no valid entry that one of the charter's aggregators has signed. */
    REFUSED
  }

  /** Takes in a record of the topic. */
  public Taken take(byte[] value) {
    try {
      return take(RecordCodec.decode(WorkerEntry.class, value));
    } catch (MalformedRecordException e) {
      return Taken.REFUSED;
    }
  }

  private synchronized Taken take(WorkerEntry entry) {
    int party = charter.aggregatorIndex(entry.getAggregator());
    boolean named = entry.getWorker().matches(NAME) && addressOf(entry.getAddress()).isPresent();
    boolean alone = entry.getWorker().isEmpty() && entry.getAddress().isEmpty();
    if (party < 0
        || !(named || alone)
        || entry.getPartition() < 0
        || entry.getPartition() >= charter.partitions()
        || entry.getTerm() < 1
        || !entry.getCharter().equals(charter.hash())
        || !Signed.verify(entry, charter.aggregators().get(party).verifyingKey())) {
      return Taken.REFUSED;
    }
    if (entry.getTerm() <= worker(party, entry.getPartition()).term()) {
      return Taken.OLD;
    }
    workers.put(
        new Place(party, entry.getPartition()),
        new Worker(entry.getWorker(), entry.getTerm(), entry.getAddress()));
    return Taken.NEWS;
  }

  /** The record that says so, signed. */
  static ProducerRecord<byte[], byte[]> record(
      String topic,
      Charter charter,
      String aggregator,
      int partition,
      Worker worker,
      SigningKey signingKey) {
    WorkerEntry entry =
        Signed.sign(
            WorkerEntry.newBuilder()
                .setProtocol(Charter.PROTOCOL)
                .setCharter(charter.hash())
                .setAggregator(aggregator)
                .setPartition(partition)
                .setTerm(worker.term())
                .setWorker(worker.name())
                .setAddress(worker.address())
                .setSignature(new Signature(new byte[64]))
                .build(),
            signingKey);
    byte[] key = (aggregator + "/" + partition).getBytes(StandardCharsets.US_ASCII);
    return new ProducerRecord<>(topic, 0, key, RecordCodec.encode(entry));
  }

  private static Optional<InetSocketAddress> addressOf(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || text.length() > ADDRESS_CHARS_MAX) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          InetSocketAddress.createUnresolved(
              text.substring(0, colon), Integer.parseInt(text.substring(colon + 1))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
