package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.ArrayDeque;
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
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.seal.BlockOpener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the banks' session set-ups from the beginning and on, for all partitions. */
public final class SessionReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  /**
   * How long a set-up is tried for whose key isn't there: another worker may have made the key, and
   * the folder that they share may show it late, or couldn't be listed for a moment.
   */
  private static final Duration UNOPENED_TRIED = Duration.ofMinutes(1);

  private static final int UNOPENED_PER_BANK_MAX = 16;

  private record Unopened(SessionSetup setup, long sinceNanos) {}

  /** Hears of set-ups. */
  public interface Listener {
    void accepted(String bank);

    void refused(String topic, Code code);
  }

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final BlockOpener opener;
  private final String aggregator;
  private final List<TopicPartition> topics;
  private final Listener listener;
  private final Thread thread;

  /** By topic, what may open yet. */
  private final Map<String, ArrayDeque<Unopened>> unopened = new HashMap<>();

  private long triedNanos = System.nanoTime();
  private volatile boolean running = true;

  /**
   * @param topics of the banks' sessions, one partition each
   */
  public SessionReader(
      Supplier<Consumer<byte[], byte[]>> consumers,
      BlockOpener opener,
      String aggregator,
      List<String> topics,
      Listener listener) {
    this.consumers = consumers;
    this.opener = opener;
    this.aggregator = aggregator;
    this.topics = topics.stream().map(topic -> new TopicPartition(topic, 0)).toList();
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("sessions").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (running) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        consumer.assign(topics);
        consumer.seekToBeginning(topics);
        while (running) {
          consumer.poll(POLL).forEach(this::take);
          tryAgain();
        }
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue("waitsFor", "the brokers, to read sessions")
            .addKeyValue("cause", e.getClass().getSimpleName())
            .log("Reading sessions again.");
        try {
          Thread.sleep(RETRY);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    try {
      SessionSetup setup = RecordCodec.decode(SessionSetup.class, record.value());
      if (!setup.getAggregator().equals(aggregator)) {
        return;
      }
      Optional<Code> refusal = opener.setup(setup);
      if (refusal.isPresent()) {
        refused(record.topic(), refusal.get());
        if (refusal.get() == Code.CDT_412) {
          remember(record.topic(), setup);
        }
      } else {
        listener.accepted(setup.getBank());
      }
    } catch (MalformedRecordException e) {
      refused(record.topic(), Code.CDT_401);
    }
  }

  /** The last ones, since those of destroyed keys come first. */
  private void remember(String topic, SessionSetup setup) {
    ArrayDeque<Unopened> ofBank = unopened.computeIfAbsent(topic, t -> new ArrayDeque<>());
    ofBank.add(new Unopened(setup, System.nanoTime()));
    if (ofBank.size() > UNOPENED_PER_BANK_MAX) {
      ofBank.remove();
    }
  }

  private void tryAgain() {
    long now = System.nanoTime();
    if (now - triedNanos < RETRY.toNanos()) {
      return;
    }
    triedNanos = now;
    for (ArrayDeque<Unopened> ofBank : unopened.values()) {
      ofBank.removeIf(
          one -> {
            boolean opens = opener.setup(one.setup()).isEmpty();
            if (opens) {
              listener.accepted(one.setup().getBank());
            }
            return opens || now - one.sinceNanos() > UNOPENED_TRIED.toNanos();
          });
    }
  }

  private void refused(String topic, Code code) {
    LOG.atWarn()
        .addKeyValue("code", code.label())
        .addKeyValue("topic", topic)
        .log("A session set-up is refused.");
    listener.refused(topic, code);
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join(STOP);
  }
}
