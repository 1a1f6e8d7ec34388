package org.concordat.aggregator.bus;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.concordat.rules.link.CarriedTable;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CarriedPart;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkageEpoch;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.AtRestBox;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one partition's batches added to what is remembered of entities, and what each epoch was
 * handed of the one before, on the topic of this aggregator alone: sealed at rest, one record a
 * batch, read again from start to end after a restart. One record at a time is in memory.
 *
 * <p>What an epoch is handed is written before the vote on its first batch, which names its hash;
 * parts of attempts that were given up are never read.
 */
public final class LinkLog {
  private static final Logger LOG = LoggerFactory.getLogger(LinkLog.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final int IDLE_POLLS_MAX = 20;
  private static final String KIND = "links";
  private static final String HANDED = "carried/";
  private static final String GAP = "The topic of links lacks batches of the epoch.";

  private final Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers;
  private final Consumer<Stream<ProducerRecord<byte[], byte[]>>> writer;
  private final AtRestBox box;
  private final String topic;
  private final int partition;

  /**
   * @param consumers of what is committed; each is closed after use
   * @param writer writes records outside of transactions, and returns when they are durable
   */
  public LinkLog(
      Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> consumers,
      Consumer<Stream<ProducerRecord<byte[], byte[]>>> writer,
      AtRestBox box,
      String topic,
      int partition) {
    this.consumers = consumers;
    this.writer = writer;
    this.box = box;
    this.topic = topic;
    this.partition = partition;
  }

  /** What the transaction of a batch writes. */
  public ProducerRecord<byte[], byte[]> record(LinkDelta delta) {
    byte[] key = bytes(prefix(delta.getFirstBatch()) + delta.getBatch());
    return sealed(key, RecordCodec.encode(delta));
  }

  private ProducerRecord<byte[], byte[]> sealed(byte[] key, byte[] record) {
    return new ProducerRecord<>(
        topic, partition, key, box.seal(topic, partition, KIND, key, record));
  }

  private static String prefix(long firstBatch) {
    return firstBatch + "/";
  }

  private static String prefix(long firstBatch, Digest content) {
    return HANDED + prefix(firstBatch) + HexFormat.of().formatHex(content.bytes()) + "/";
  }

  private static byte[] bytes(String key) {
    return key.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Writes what an epoch is handed; it is durable on return.
   *
   * @param cut of the batch that begins the epoch
   * @param written gets each part's number before it is handed to the brokers; all aggregators have
   *     as many parts
   * @return by which it is found again
   */
  public Digest hand(CutRecord cut, List<CarriedTable> tables, IntConsumer written) {
    Digest content = CarriedParts.digest(tables);
    String prefix = prefix(cut.getBatch(), content);
    writer.accept(
        CarriedParts.of(cut, content, tables)
            .peek(part -> written.accept(part.getPart()))
            .map(part -> sealed(bytes(prefix + part.getPart()), RecordCodec.encode(part))));
    return content;
  }

  /**
   * What an epoch was handed.
   *
   * @param epoch that was handed something
   * @throws TimeoutException the brokers stopped answering
   * @throws IllegalStateException parts of it are missing
   */
  public List<CarriedTable> handed(LinkageEpoch epoch) {
    var parts = new CarriedParts();
    try {
      read(
          record -> {
            add(epoch, record, parts);
            return !parts.isComplete();
          },
          left -> {});
      return parts.tables();
    } catch (LinkGapException e) {
      tell(epoch, e);
      throw e;
    }
  }

  /** Whoever went on would remember other entities than the other aggregators do. */
  private void tell(LinkageEpoch epoch, LinkGapException gap) {
    LOG.atError()
        .addKeyValue("code", Code.CDT_621.label())
        .addKeyValue("topic", topic)
        .addKeyValue("partition", partition)
        .addKeyValue("firstBatch", epoch.getFirstBatch())
        .addKeyValue("lastBatch", epoch.getLastBatch())
        .addKeyValue("lacks", gap.getMessage())
        .addKeyValue("fix", Code.CDT_621.fix())
        .log(Code.CDT_621.cause());
  }

  private void add(LinkageEpoch epoch, ConsumerRecord<byte[], byte[]> record, CarriedParts parts) {
    if (epoch.getCarried() != null
        && isUnder(record, prefix(epoch.getFirstBatch(), epoch.getCarried()))) {
      parts.add(RecordCodec.decode(CarriedPart.class, opened(record)));
    }
  }

  private static boolean isUnder(ConsumerRecord<byte[], byte[]> record, String prefix) {
    return record.key() != null
        && new String(record.key(), StandardCharsets.US_ASCII).startsWith(prefix);
  }

  /**
   * Gives an epoch's batches in order.
   *
   * @param epoch as the last committed state has it
   * @param begin gets what the epoch was handed, before the first batch
   * @param progress gets how many records are still to be read
   * @throws TimeoutException the brokers stopped answering
   * @throws IllegalStateException batches are missing: what would be remembered isn't what the
   *     other aggregators remember
   */
  public void replay(
      LinkageEpoch epoch,
      Consumer<List<CarriedTable>> begin,
      Consumer<LinkDelta> apply,
      LongConsumer progress) {
    try {
      replayWhole(epoch, begin, apply, progress);
    } catch (LinkGapException e) {
      tell(epoch, e);
      throw e;
    }
  }

  private void replayWhole(
      LinkageEpoch epoch,
      Consumer<List<CarriedTable>> begin,
      Consumer<LinkDelta> apply,
      LongConsumer progress) {
    String prefix = prefix(epoch.getFirstBatch());
    var parts = new CarriedParts();
    long[] previous = {-1};
    read(
        record -> {
          add(epoch, record, parts);
          if (isUnder(record, prefix)) {
            LinkDelta delta = RecordCodec.decode(LinkDelta.class, opened(record));
            if (delta.getPreviousBatch() != previous[0]) {
              throw new LinkGapException(GAP);
            }
            if (previous[0] < 0) {
              begin.accept(epoch.getCarried() == null ? List.of() : parts.tables());
            }
            apply.accept(delta);
            previous[0] = delta.getBatch();
          }
          return true;
        },
        progress);
    if (previous[0] != epoch.getLastBatch()) {
      throw new LinkGapException(GAP);
    }
  }

  /** Gives the topic's records from its beginning, for as long as they are taken. */
  private void read(Predicate<ConsumerRecord<byte[], byte[]>> take, LongConsumer progress) {
    var at = new TopicPartition(topic, partition);
    try (org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer = consumers.get()) {
      consumer.assign(List.of(at));
      consumer.seekToBeginning(List.of(at));
      long end = consumer.endOffsets(List.of(at)).getOrDefault(at, 0L);
      long position = consumer.position(at);
      int idle = 0;
      while (position < end) {
        progress.accept(end - position);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (!take.test(record)) {
            return;
          }
        }
        idle = consumer.position(at) > position ? 0 : idle + 1;
        if (idle > IDLE_POLLS_MAX) {
          throw new TimeoutException("The brokers stopped answering.");
        }
        position = consumer.position(at);
      }
    }
  }

  private byte[] opened(ConsumerRecord<byte[], byte[]> record) {
    return box.open(topic, partition, KIND, record.key(), record.value());
  }
}
