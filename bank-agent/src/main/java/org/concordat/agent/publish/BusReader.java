package org.concordat.agent.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
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

    /** The offset to go on from. */
    long start(int partition);

    void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException;
  }

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final List<Feed> feeds;
  private volatile boolean stopping;

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
    var assigned = new ArrayList<TopicPartition>();
    var missing = new ArrayList<>(feeds);
    while (!stopping) {
      if (!missing.isEmpty() && assign(consumer, missing, byTopic, assigned) == 0) {
        Thread.sleep(BACKOFF_MILLIS);
        continue;
      }
      for (var record : consumer.poll(POLL)) {
        Feed feed = byTopic.get(record.topic());
        if (feed != null) {
          feed.take(record);
        }
      }
    }
  }

  /** Adds the topics that exist by now; returns how many partitions are read. */
  private static int assign(
      Consumer<byte[], byte[]> consumer,
      List<Feed> missing,
      Map<String, Feed> byTopic,
      List<TopicPartition> assigned) {
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
      // The positions of what was read before stay as they are.
      assigned.addAll(found);
      consumer.assign(assigned);
      for (TopicPartition partition : found) {
        Feed feed = byTopic.get(partition.topic());
        if (feed != null) {
          consumer.seek(partition, feed.start(partition.partition()));
        }
      }
    }
    return assigned.size();
  }
}
