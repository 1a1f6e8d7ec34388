package org.concordat.ops.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;

/** Reads the aggregators' votes and cuts into a ledger while they are written. */
final class LedgerReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(20);

  /** A broker that was frozen answers nothing; others do. */
  private static final int REQUEST_MILLIS = 3_000;

  private final Charter charter;
  private final Topics topics;
  private final Map<String, Object> connection;
  private final Ledger ledger;
  private final Thread thread;
  private volatile boolean running = true;

  /** Records that are left out. The thread's own until it has ended. */
  private long leftOut;

  /**
   * @param connection with the right to read the votes
   */
  LedgerReader(Charter charter, Map<String, Object> connection, Ledger ledger) {
    this.charter = charter;
    this.topics = charter.topics("");
    this.connection = connection;
    this.ledger = ledger;
    this.thread = Thread.ofPlatform().daemon().name("ledger").start(this::follow);
  }

  private void follow() {
    Map<String, Object> properties = new HashMap<>(connection);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ConsumerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, REQUEST_MILLIS);
    List<TopicPartition> all = new ArrayList<>();
    for (int partition = 0; partition < charter.partitions(); partition++) {
      all.add(new TopicPartition(topics.cuts(), partition));
      for (Charter.Aggregator aggregator : charter.aggregators()) {
        all.add(new TopicPartition(topics.votes(aggregator.name()), partition));
      }
    }
    try (var consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(all);
      consumer.seekToBeginning(all);
      while (running) {
        try {
          consumer.poll(POLL).forEach(this::takeReadable);
        } catch (KafkaException e) {
          // A broker that is just being killed; the next poll asks another.
          Thread.yield();
        }
      }
    }
  }

  /** What somebody has written into the topics isn't always a vote or a cut. */
  private void takeReadable(ConsumerRecord<byte[], byte[]> record) {
    try {
      take(record);
    } catch (MalformedRecordException e) {
      leftOut++;
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.cuts())) {
      CutRecord cut = RecordCodec.decode(CutRecord.class, record.value());
      if (!isMember(cut.getAggregator())) {
        return;
      }
      Map<String, Long> rows = new HashMap<>();
      for (CutEntry entry : cut.getEntries()) {
        rows.merge(entry.getBank(), (long) entry.getRows(), Long::sum);
      }
      ledger.committed(cut.getAggregator(), cut.getCut(), record.timestamp(), rows);
    } else {
      Vote vote = RecordCodec.decode(Vote.class, record.value());
      if (vote.getKind() == VoteKind.PREPARED && isMember(vote.getAggregator())) {
        ledger.voted(
            vote.getAggregator(), vote.getCut(), record.timestamp(), System.currentTimeMillis());
      }
    }
  }

  private boolean isMember(String aggregator) {
    boolean member = charter.aggregatorIndex(aggregator) >= 0;
    leftOut += member ? 0 : 1;
    return member;
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.join();
    if (leftOut > 0) {
      System.err.println(
          "concordat: " + leftOut + " records of votes and cuts can't be used, and were left out");
    }
  }
}
