package org.concordat.agent.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads whole topics from where they were left, without a consumer group, and begins again whenever
 * the brokers fail. One thread works here, in {@link #run}.
 */
public final class BusReader {
  private static final Logger LOG = LoggerFactory.getLogger(BusReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long BACKOFF_MILLIS = 1_000;

  /** A topic and what is done with it. */
  public interface Feed {
    String topic();

    /** The offset to go on from; nothing to begin where the topic begins. */
    Optional<Long> start(int partition);

    void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException;

    /**
     * Everything before an offset is taken, or was gone when reading was begun or gone on with.
     * Behind the last record stand marks of transactions: were they left, their expiry would look
     * like a loss.
     */
    default void reached(int partition, long offset) {}

    /** Records from an offset to before another were removed unread; the log has said so. */
    default void lost(int partition, long from, long before) {}
  }

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final List<Feed> feeds;
  private volatile boolean stopping;

  /**
   * @param consumers that reset no offset by themselves; each is closed after use
   */
  public BusReader(Supplier<Consumer<byte[], byte[]>> consumers, List<Feed> feeds) {
    this.consumers = consumers;
    this.feeds = List.copyOf(feeds);
  }

  /** Works until {@link #stop} or an interrupt. */
  public void run() throws InterruptedException {
    while (!stopping) {
      try (var consumer = consumers.get()) {
        read(consumer);
      } catch (InterruptException e) {
        throw new InterruptedException();
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Reading waits for the brokers.");
        Thread.sleep(BACKOFF_MILLIS);
      }
    }
  }

  public void stop() {
    stopping = true;
  }

  private void read(Consumer<byte[], byte[]> consumer) throws InterruptedException {
    Map<String, Feed> byTopic = new HashMap<>();
    var reached = new HashMap<TopicPartition, Long>();
    var missing = new ArrayList<>(feeds);
    while (!stopping) {
      if (!missing.isEmpty() && assign(consumer, missing, byTopic, reached) == 0) {
        Thread.sleep(BACKOFF_MILLIS);
        continue;
      }
      var records = consumer.poll(POLL);
      for (var record : records) {
        Feed feed = byTopic.get(record.topic());
        if (feed != null) {
          feed.take(record);
        }
      }
      if (records.isEmpty()) {
        // Also where no record came: those of a transaction that was given up are passed over.
        reached.replaceAll((at, offset) -> reached(consumer, byTopic.get(at.topic()), at, offset));
      }
    }
  }

  private static long reached(
      Consumer<byte[], byte[]> consumer, @Nullable Feed feed, TopicPartition at, long before) {
    long position;
    try {
      // Without waiting: another topic's records come while this one's leader is away.
      position = consumer.position(at, Duration.ZERO);
    } catch (TimeoutException e) {
      // The brokers haven't confirmed it yet; it is asked for again.
      return before;
    }
    if (feed != null && position > before) {
      feed.reached(at.partition(), position);
    }
    return position;
  }

  /** Adds the topics that exist by now; returns how many partitions are read. */
  private static int assign(
      Consumer<byte[], byte[]> consumer,
      List<Feed> missing,
      Map<String, Feed> byTopic,
      Map<TopicPartition, Long> reached) {
    var found = new ArrayList<TopicPartition>();
    for (Feed feed : List.copyOf(missing)) {
      var partitions = consumer.partitionsFor(feed.topic());
      if (partitions != null && !partitions.isEmpty()) {
        partitions.forEach(p -> found.add(new TopicPartition(p.topic(), p.partition())));
        byTopic.put(feed.topic(), feed);
        missing.remove(feed);
      }
    }
    if (!found.isEmpty()) {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(found);
      Map<TopicPartition, Long> ends = consumer.endOffsets(found);
      found.forEach(
          partition -> {
            Feed feed = byTopic.get(partition.topic());
            long begin = begins.getOrDefault(partition, 0L);
            long end = ends.getOrDefault(partition, Long.MAX_VALUE);
            reached.put(partition, feed == null ? begin : start(feed, partition, begin, end));
          });
      // The positions of what was read before stay as they are.
      consumer.assign(List.copyOf(reached.keySet()));
      for (TopicPartition partition : found) {
        consumer.seek(partition, reached.getOrDefault(partition, 0L));
      }
    }
    return reached.size();
  }

  private static long start(Feed feed, TopicPartition at, long begin, long end) {
    Optional<Long> left = feed.start(at.partition());
    // Who never read has lost nothing.
    Resumption resumption = Resumption.of(at, left.orElse(begin), begin, end);
    if (resumption.lost() > 0) {
      resumption.tell();
      feed.lost(at.partition(), resumption.lostFrom(), resumption.lostBefore());
    }
    if (left.isEmpty() || resumption.lost() > 0) {
      // At once: a loss is told once, and whatever goes unread from now on is one.
      feed.reached(at.partition(), resumption.start());
    }
    return resumption.start();
  }
}
