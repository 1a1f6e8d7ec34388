package org.concordat.agent.publish;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
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

  /** How long all partitions are asked for their bounds, and each by itself if one doesn't tell. */
  private static final Duration ASK_ALL = Duration.ofSeconds(10);

  private static final Duration ASK_ONE = Duration.ofSeconds(1);

  /** So long the others are read before all are asked again. */
  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(30);

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

    /** What partitions held when the reader last began to read them is taken. */
    default void caughtUp(Set<Integer> partitions) {}

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
    var reading = new Reading(consumer, feeds);
    while (!stopping && !reading.isOver()) {
      if (!reading.assign()) {
        Thread.sleep(BACKOFF_MILLIS);
        continue;
      }
      reading.tellCaughtUp();
      reading.poll();
    }
  }

  /** Where the log of a partition begins and ends. */
  private record Bounds(long begin, long end) {}

  /** What is read with one consumer. */
  private static final class Reading {
    private final Consumer<byte[], byte[]> consumer;
    private final List<Feed> missing;
    private final Map<String, Feed> byTopic = new HashMap<>();
    private final Map<TopicPartition, Long> reached = new HashMap<>();

    /** Where the log ended of partitions that weren't read so far yet. */
    private final Map<TopicPartition, Long> behind = new HashMap<>();

    private boolean isPartial;
    private long partialNanos;

    Reading(Consumer<byte[], byte[]> consumer, List<Feed> feeds) {
      this.consumer = consumer;
      this.missing = new ArrayList<>(feeds);
    }

    /** Whether a new consumer is to look for the partitions that this one doesn't read. */
    boolean isOver() {
      return isPartial && System.nanoTime() - partialNanos >= ASK_AGAIN_NANOS;
    }

    /** Adds the topics that exist by now; false if nothing can be read yet. */
    boolean assign() {
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
        Map<TopicPartition, Bounds> answers = bounds(found);
        if (answers.size() < found.size()) {
          // From here on: asking itself takes long where many don't answer.
          isPartial = true;
          partialNanos = System.nanoTime();
        }
        answers.forEach(
            (at, bounds) -> {
              Feed feed = byTopic.get(at.topic());
              reached.put(at, feed == null ? bounds.begin() : start(feed, at, bounds));
              behind.put(at, bounds.end());
            });
        // The positions of what was read before stay as they are.
        consumer.assign(List.copyOf(reached.keySet()));
        for (TopicPartition at : answers.keySet()) {
          consumer.seek(at, reached.getOrDefault(at, 0L));
        }
      }
      return !reached.isEmpty();
    }

    /** Without those whose leader doesn't answer: they hold up what comes after them alone. */
    private Map<TopicPartition, Bounds> bounds(List<TopicPartition> found) {
      try {
        return bounds(found, ASK_ALL);
      } catch (TimeoutException e) {
        var answers = new HashMap<TopicPartition, Bounds>();
        for (TopicPartition at : found) {
          try {
            answers.putAll(bounds(List.of(at), ASK_ONE));
          } catch (TimeoutException silent) {
            LOG.atWarn()
                .addKeyValue("topic", at.topic())
                .addKeyValue("partition", at.partition())
                .log("No broker answers for a partition; the others are read.");
          }
        }
        if (answers.isEmpty()) {
          throw e;
        }
        return answers;
      }
    }

    private Map<TopicPartition, Bounds> bounds(List<TopicPartition> found, Duration wait) {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(found, wait);
      Map<TopicPartition, Long> ends = consumer.endOffsets(found, wait);
      var answers = new HashMap<TopicPartition, Bounds>();
      for (TopicPartition at : found) {
        long end = ends.getOrDefault(at, Long.MAX_VALUE);
        answers.put(at, new Bounds(begins.getOrDefault(at, 0L), end));
      }
      return answers;
    }

    void poll() throws InterruptedException {
      var records = consumer.poll(POLL);
      for (var record : records) {
        Feed feed = byTopic.get(record.topic());
        if (feed != null) {
          feed.take(record);
        }
      }
      if (records.isEmpty()) {
        // Also where no record came: those of a transaction that was given up are passed over.
        reached.replaceAll(this::reached);
      }
    }

    private long reached(TopicPartition at, long before) {
      long position = position(at, before);
      Feed feed = byTopic.get(at.topic());
      if (feed != null && position > before) {
        feed.reached(at.partition(), position);
      }
      return position;
    }

    private long position(TopicPartition at, long before) {
      try {
        // Without waiting: another topic's records come while this one's leader is away.
        return consumer.position(at, Duration.ZERO);
      } catch (TimeoutException e) {
        // The brokers haven't confirmed it yet; it is asked for again.
        return before;
      }
    }

    /** Each partition once, as soon as what was polled of it is taken. */
    void tellCaughtUp() {
      var caughtUp = new HashMap<String, Set<Integer>>();
      behind
          .entrySet()
          .removeIf(
              entry -> {
                TopicPartition at = entry.getKey();
                long begun = reached.getOrDefault(at, 0L);
                if (begun < entry.getValue() && position(at, begun) < entry.getValue()) {
                  return false;
                }
                caughtUp.computeIfAbsent(at.topic(), t -> new TreeSet<>()).add(at.partition());
                return true;
              });
      caughtUp.forEach(
          (topic, partitions) -> {
            Feed feed = byTopic.get(topic);
            if (feed != null) {
              feed.caughtUp(partitions);
            }
          });
    }
  }

  private static long start(Feed feed, TopicPartition at, Bounds bounds) {
    Optional<Long> left = feed.start(at.partition());
    // Who never read has lost nothing.
    long from = left.orElse(bounds.begin());
    Resumption resumption = Resumption.of(at, from, bounds.begin(), bounds.end());
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
