package org.concordat.aggregator.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.AtRestBox;

/**
 * What one partition's batches added to what is remembered of entities, on the topic of this
 * aggregator alone: sealed at rest, one record a batch, read again from start to end after a
 * restart. One record at a time is in memory.
 */
public final class LinkLog {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int IDLE_POLLS_MAX = 20;
  private static final String KIND = "links";
  private static final String GAP = "The topic of links lacks batches of the epoch.";

  private final Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers;
  private final AtRestBox box;
  private final String topic;
  private final int partition;

  /**
   * @param consumers of what is committed; each is closed after use
   */
  public LinkLog(
      Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers,
      AtRestBox box,
      String topic,
      int partition) {
    this.consumers = consumers;
    this.box = box;
    this.topic = topic;
    this.partition = partition;
  }

  /** What the transaction of a batch writes. */
  public ProducerRecord<byte[], byte[]> record(LinkDelta delta) {
    byte[] key = key(delta.getFirstBatch(), delta.getBatch());
    byte[] sealed = box.seal(topic, partition, KIND, key, RecordCodec.encode(delta));
    return new ProducerRecord<>(topic, partition, key, sealed);
  }

  private static byte[] key(long firstBatch, long batch) {
    return (firstBatch + "/" + batch).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Gives an epoch's batches in order.
   *
   * @param epoch as the last committed state has it
   * @param progress gets how many records are still to be read
   * @throws TimeoutException the brokers stopped answering
   * @throws IllegalStateException batches are missing: what would be remembered isn't what the
   *     other aggregators remember
   */
  public void replay(LinkageEpoch epoch, Consumer<LinkDelta> apply, LongConsumer progress) {
    var at = new TopicPartition(topic, partition);
    String prefix = epoch.getFirstBatch() + "/";
    long previous = -1;
    try (org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer = consumers.get()) {
      consumer.assign(List.of(at));
      consumer.seekToBeginning(List.of(at));
      long end = consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
      long position = consumer.position(at);
      int idle = 0;
      while (position < end) {
        progress.accept(end - position);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.key() != null
              && new String(record.key(), StandardCharsets.US_ASCII).startsWith(prefix)) {
            LinkDelta delta = open(record);
            if (delta.getPreviousBatch() != previous) {
              throw new IllegalStateException(GAP);
            }
            apply.accept(delta);
            previous = delta.getBatch();
          }
        }
        idle = consumer.position(at) > position ? 0 : idle + 1;
        if (idle > IDLE_POLLS_MAX) {
          throw new TimeoutException("The brokers stopped answering.");
        }
        position = consumer.position(at);
      }
    }
    if (previous != epoch.getLastBatch()) {
      throw new IllegalStateException(GAP);
    }
  }

  private LinkDelta open(ConsumerRecord<byte[], byte[]> record) {
    return RecordCodec.decode(
        LinkDelta.class, box.open(topic, partition, KIND, record.key(), record.value()));
  }
}
