package org.concordat.agent.topic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.concordat.agent.ingest.MessageFormat;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.DeadLetter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of all partitions of one topic, from where the store says it was left. One thread
 * works here, in {@link #run}; it begins again whenever the brokers fail.
 *
 * <p>The consumer is told its partitions: two agents never share a topic, so there is nothing to
 * rebalance. It commits offsets to its group only after they are durable here, and never reads them
 * back: they show the bank's tools how far the agent lags.
 */
public final class TopicSource {
  /** A topic with more isn't read. */
  public static final int PARTITIONS_MAX = 512;

  private static final Logger LOG = LoggerFactory.getLogger(TopicSource.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE = Duration.ofSeconds(1);
  private static final long BACKOFF_MILLIS = 1_000;
  private static final long COMMIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** The brokers that hold the topic. */
  public interface Brokers {
    /** A consumer that reads what is committed, and resets no offset by itself. */
    Consumer<byte[], byte[]> consumer();

    /** Which topic has the name now. */
    Uuid topicId();
  }

  /** Takes the records over. */
  public interface Sink {
    void take(SourceRecord record) throws InterruptedException;
  }

  private final Brokers brokers;
  private final String topic;
  private final boolean fromEnd;
  private final MessageFormat format;
  private final TopicPositions positions;
  private final BooleanSupplier full;
  private final BooleanSupplier stopping;

  /** After the last record of each partition that was handed over. */
  private final Map<TopicPartition, Long> handed = new HashMap<>();

  private String toldCause = "";
  private boolean commitRefused;
  private volatile boolean waiting = true;

  /**
   * @param fromEnd whether a topic that was never read is begun at its end
   * @param full whether nothing more can be stored for now
   */
  public TopicSource(
      Brokers brokers,
      String topic,
      String groupId,
      boolean fromEnd,
      MessageFormat format,
      AgentStore store,
      BooleanSupplier full,
      BooleanSupplier stopping) {
    this.brokers = brokers;
    this.topic = topic;
    this.fromEnd = fromEnd;
    this.format = format;
    this.positions = new TopicPositions(store, groupId, topic);
    this.full = full;
    this.stopping = stopping;
  }

  /** Whether the topic can't be read for now. */
  public boolean waiting() {
    return waiting;
  }

  /**
   * Works until it is told to stop.
   *
   * @throws InvalidInputException CDT-385, CDT-386: going on would lose records silently
   */
  public void run(Sink sink) throws InterruptedException {
    while (!stopping.getAsBoolean()) {
      try {
        open(sink);
      } catch (InterruptException e) {
        throw new InterruptedException();
      } catch (KafkaException e) {
        waits(e.getClass().getSimpleName());
        Thread.sleep(BACKOFF_MILLIS);
      }
    }
  }

  private void waits(String cause) {
    waiting = true;
    if (!cause.equals(toldCause)) {
      toldCause = cause;
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("cause", cause)
          .log("Reading the bank's topic waits for its brokers.");
    }
  }

  private void open(Sink sink) throws InterruptedException {
    Consumer<byte[], byte[]> consumer = brokers.consumer();
    try {
      handed.clear();
      read(consumer, sink);
      commit(consumer);
    } finally {
      consumer.close(CloseOptions.timeout(CLOSE));
    }
  }

  private void read(Consumer<byte[], byte[]> consumer, Sink sink) throws InterruptedException {
    long lookNanos = System.nanoTime();
    long commitNanos = lookNanos;
    while (!stopping.getAsBoolean()) {
      long nowNanos = System.nanoTime();
      if (nowNanos - lookNanos >= 0) {
        assign(consumer);
        lookNanos = nowNanos + LOOK_NANOS;
      }
      if (full.getAsBoolean()) {
        consumer.pause(consumer.assignment());
      } else {
        consumer.resume(consumer.paused());
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        hand(record, sink);
      }
      if (nowNanos - commitNanos >= 0) {
        commit(consumer);
        commitNanos = nowNanos + COMMIT_NANOS;
      }
    }
  }

  /** Adds the partitions that weren't there before; those that were keep their positions. */
  private void assign(Consumer<byte[], byte[]> consumer) {
    var all = new ArrayList<TopicPartition>();
    consumer.partitionsFor(topic).forEach(p -> all.add(new TopicPartition(topic, p.partition())));
    if (all.size() > PARTITIONS_MAX) {
      throw new InvalidInputException(
          Code.CDT_106,
          Place.of(topic),
          "The topic has more than " + PARTITIONS_MAX + " partitions.",
          "Use a topic with fewer.");
    }
    List<TopicPartition> added = new ArrayList<>(all);
    added.removeAll(consumer.assignment());
    if (all.isEmpty()) {
      throw new UnknownTopicOrPartitionException();
    }
    if (added.isEmpty()) {
      ask(consumer, all);
      return;
    }
    reads();
    Map<TopicPartition, Long> start =
        positions.open(
            brokers.topicId(),
            fromEnd,
            consumer.beginningOffsets(added),
            consumer.endOffsets(added));
    consumer.assign(all);
    start.forEach(consumer::seek);
    handed.putAll(start);
    LOG.atInfo()
        .addKeyValue("topic", topic)
        .addKeyValue("partitions", all.size())
        .log("The bank's topic is read.");
  }

  /** Which partitions there are is known without any broker too; where they end is not. */
  private void ask(Consumer<byte[], byte[]> consumer, List<TopicPartition> all) {
    try {
      consumer.endOffsets(all);
      reads();
    } catch (TimeoutException e) {
      // Partitions whose brokers are there are read on.
      waits(e.getClass().getSimpleName());
    }
  }

  private void reads() {
    waiting = false;
    toldCause = "";
  }

  private void hand(ConsumerRecord<byte[], byte[]> record, Sink sink) throws InterruptedException {
    var partition = new TopicPartition(record.topic(), record.partition());
    Place place = Place.of(record.topic() + "/" + record.partition() + "@" + record.offset());
    sink.take(read(record.value(), place).with(positions.after(partition, record.offset())));
    handed.put(partition, record.offset() + 1);
  }

  private SourceRecord read(byte @Nullable [] body, Place place) {
    if (body == null) {
      return new SourceRecord(place, new byte[0], List.of(), Problem.of(Code.CDT_380, place), null);
    }
    if (body.length > DeadLetter.RAW_BYTES_MAX) {
      String reason = "The record is longer than " + DeadLetter.RAW_BYTES_MAX + " bytes.";
      var problem = new Problem(Code.CDT_304, place, reason, "Send one transaction in a record.");
      return new SourceRecord(place, body, List.of(), problem, null);
    }
    return format.read(body, place);
  }

  /** Tells the brokers what is durable, for the bank's tools alone. */
  private void commit(Consumer<byte[], byte[]> consumer) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    Map<TopicPartition, Long> skipped = new HashMap<>();
    for (var entry : handed.entrySet()) {
      TopicPartition partition = entry.getKey();
      long durable = positions.next(partition).orElse(0L);
      // Between the last record and the position stand only marks of transactions and what they
      // have undone: were they left, their expiry would look like a loss.
      if (durable == entry.getValue() && consumer.position(partition) > durable) {
        durable = consumer.position(partition);
        entry.setValue(durable);
        skipped.put(partition, durable);
      }
      offsets.put(partition, new OffsetAndMetadata(durable));
    }
    if (!skipped.isEmpty()) {
      positions.skip(skipped);
    }
    if (!offsets.isEmpty()) {
      consumer.commitAsync(offsets, (committed, failure) -> told(failure));
    }
  }

  private void told(@Nullable Exception failure) {
    if (failure != null && !commitRefused) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("cause", failure.getClass().getSimpleName())
          .log("The group's offsets can't be committed: its lag isn't visible, nothing is lost.");
    }
    commitRefused = failure != null;
  }
}
