package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.Outline;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.record.Topics;
import org.concordat.schemas.seal.BlockOpener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the banks' session set-ups from the beginning and on, for all partitions. */
public final class SessionReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionReader.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(5);

  private static final Duration RETRY_MAX = Duration.ofMinutes(1);
  private static final Duration CLOSED_PAUSE = Duration.ofMinutes(1);
  private static final int UNOPENED_PER_BANK_MAX = 16;

  /**
   * A set-up whose key isn't there: another worker may have made the key, and the folder that they
   * share may show it late, or was away for hours. It is tried as long as the process runs, ever
   * less often.
   */
  private static final class Unopened {
    private final SessionSetup setup;
    private long pauseNanos = RETRY.toNanos();
    private long dueNanos;

    Unopened(SessionSetup setup, long nowNanos) {
      this.setup = setup;
      this.dueNanos = nowNanos + pauseNanos;
    }

    boolean isDue(long nowNanos) {
      return nowNanos - dueNanos >= 0;
    }

    void later(long nowNanos) {
      pauseNanos = Math.min(2 * pauseNanos, RETRY_MAX.toNanos());
      dueNanos = nowNanos + pauseNanos;
    }
  }

  /** Hears of set-ups. */
  public interface Listener {
    void accepted(String bank);

    /** One that came since the start. */
    void refused(String bank, Code code);

    /**
     * One that can't be used either, but was there at the start, or is read again: of the keys of
     * years most are destroyed, and what a start reads again tells nobody anything new.
     */
    void refusedEarlier(String bank);
  }

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final BlockOpener opener;
  private final String aggregator;
  private final Map<TopicPartition, String> banksByTopic = new LinkedHashMap<>();
  private final BankTopics bankTopics;
  private final Listener listener;
  private final LongSupplier nanoClock;
  private final RefusalLog refusals;
  private final Thread thread;

  /** By topic, what may open yet. */
  private final Map<String, ArrayDeque<Unopened>> unopened = new HashMap<>();

  /** By topic, the latest session that a set-up was for. */
  private final Map<String, Long> latest = new HashMap<>();

  /** By topic, how many set-ups can't be opened here of which the log hasn't told. */
  private final Map<String, Integer> closed = new HashMap<>();

  private long closedDueNanos;

  /** By topic: the offset after the last record that this consumer has read. */
  private final Map<TopicPartition, Long> next = new HashMap<>();

  /** Up to which offset a record was there at the start, or was read. */
  private final Map<TopicPartition, Long> earlierBelow = new HashMap<>();

  private volatile List<String> shut = List.of();
  private volatile boolean running = true;

  /**
   * @param banks whose sessions are read
   */
  public SessionReader(
      Supplier<Consumer<byte[], byte[]>> consumers,
      BlockOpener opener,
      String aggregator,
      Topics topics,
      List<String> banks,
      Listener listener,
      LongSupplier nanoClock) {
    this.consumers = consumers;
    this.opener = opener;
    this.aggregator = aggregator;
    banks.forEach(bank -> banksByTopic.put(new TopicPartition(topics.sessions(bank), 0), bank));
    this.bankTopics = new BankTopics(banksByTopic, this::next, nanoClock, () -> {});
    this.listener = listener;
    this.nanoClock = nanoClock;
    this.refusals = new RefusalLog(nanoClock);
    this.closedDueNanos = nanoClock.getAsLong();
    this.thread = Thread.ofPlatform().name("sessions").unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (running) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        next.clear();
        bankTopics.begin(consumer);
        while (running) {
          bankTopics.tryAgain(consumer);
          read(consumer);
          refusals.tick();
          tellClosed();
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

  private void read(Consumer<byte[], byte[]> consumer) {
    var records = bankTopics.poll(consumer, POLL);
    for (TopicPartition topic : banksByTopic.keySet()) {
      if (bankTopics.isRead(topic) && !earlierBelow.containsKey(topic)) {
        // Told by the first answer, and asked of no broker: one that is away holds up its banks'
        // topics, and no others.
        OptionalLong lag = consumer.currentLag(topic);
        if (lag.isPresent()) {
          earlierBelow.put(topic, consumer.position(topic) + lag.getAsLong());
        }
      }
    }
    for (ConsumerRecord<byte[], byte[]> record : records) {
      take(record);
      next.put(at(record), record.offset() + 1);
      earlierBelow.merge(at(record), record.offset() + 1, Math::max);
    }
  }

  private OptionalLong next(TopicPartition at) {
    Long offset = next.get(at);
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
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
      boolean opens = refusal.isEmpty();
      if (opens || refusal.get() == Code.CDT_412) {
        latest.merge(record.topic(), setup.getSession(), Math::max);
      }
      if (!opens) {
        refused(record, refusal.get());
        if (refusal.get() == Code.CDT_412) {
          remember(record.topic(), setup);
        }
      } else {
        listener.accepted(setup.getBank());
      }
      show();
    } catch (MalformedRecordException e) {
      refused(record, Code.CDT_401);
    } catch (RuntimeException e) {
      // What a bank wrote may end no process, whatever bug it finds.
      refusals.failed(evidence(record), Code.CDT_401, e);
      count(record, Code.CDT_401);
    }
  }

  private String bank(ConsumerRecord<byte[], byte[]> record) {
    return Objects.requireNonNull(banksByTopic.get(at(record)));
  }

  private static TopicPartition at(ConsumerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), record.partition());
  }

  private RefusalLog.BankRecord evidence(ConsumerRecord<byte[], byte[]> record) {
    return new RefusalLog.BankRecord(bank(record), at(record), record.offset(), record.value());
  }

  /** The last ones, since those of destroyed keys come first. */
  private void remember(String topic, SessionSetup setup) {
    ArrayDeque<Unopened> ofBank = unopened.computeIfAbsent(topic, t -> new ArrayDeque<>());
    // After brokers were away all are read again.
    ofBank.removeIf(one -> one.setup.getSession() == setup.getSession());
    ofBank.add(new Unopened(setup, nanoClock.getAsLong()));
    if (ofBank.size() > UNOPENED_PER_BANK_MAX) {
      ofBank.remove();
    }
  }

  private void tryAgain() {
    long now = nanoClock.getAsLong();
    boolean opened = false;
    for (ArrayDeque<Unopened> ofBank : unopened.values()) {
      opened |= ofBank.removeIf(one -> one.isDue(now) && opens(one, now));
    }
    if (opened) {
      show();
    }
  }

  private boolean opens(Unopened one, long nowNanos) {
    boolean opens = false;
    try {
      opens = opener.setup(one.setup).isEmpty();
      if (opens) {
        listener.accepted(one.setup.getBank());
      }
    } catch (RuntimeException e) {
      // As when it came first; it may be the folder of keys that can't be read now.
      LOG.atError()
          .addKeyValue("bank", one.setup.getBank())
          .addKeyValue("session", one.setup.getSession())
          .setCause(Outline.of(e))
          .log("A session set-up couldn't be tried again.");
    }
    if (!opens) {
      one.later(nowNanos);
    }
    return opens;
  }

  private void show() {
    List<String> banks = new ArrayList<>();
    unopened.forEach(
        (topic, ofBank) -> {
          for (Unopened one : ofBank) {
            if (latest.getOrDefault(topic, -1L) == one.setup.getSession()) {
              banks.add(one.setup.getBank());
            }
          }
        });
    shut = banks.stream().distinct().sorted().toList();
  }

  /**
   * Banks whose latest session can't be opened here, or whose topic can't be read. A bank names the
   * key that it sealed to, so this is to be seen and doesn't decide whether the aggregator is
   * ready.
   */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    note(notes, "the key of the latest session isn't here (CDT-412)", shut);
    note(notes, "the topic can't be read (CDT-417)", bankTopics.unread());
    return notes;
  }

  private static void note(List<String> notes, String what, List<String> banks) {
    if (!banks.isEmpty()) {
      notes.add("sessions: " + what + ", tried again: " + String.join(", ", banks));
    }
  }

  private void refused(ConsumerRecord<byte[], byte[]> record, Code code) {
    if (code == Code.CDT_412) {
      closed.merge(record.topic(), 1, Integer::sum);
    } else {
      refusals.refusedRecord(evidence(record), code);
    }
    count(record, code);
  }

  private void count(ConsumerRecord<byte[], byte[]> record, Code code) {
    if (record.offset() < earlierBelow.getOrDefault(at(record), 0L)) {
      listener.refusedEarlier(bank(record));
    } else {
      listener.refused(bank(record), code);
    }
  }

  /** Not each in a line: a start reads those of all keys again that were destroyed in years. */
  private void tellClosed() {
    long now = nanoClock.getAsLong();
    if (closed.isEmpty() || now - closedDueNanos < 0) {
      return;
    }
    closedDueNanos = now + CLOSED_PAUSE.toNanos();
    closed.forEach(
        (topic, setUps) ->
            LOG.atWarn()
                .addKeyValue("code", Code.CDT_412.label())
                .addKeyValue("topic", topic)
                .addKeyValue("setUps", setUps)
                .log("Session set-ups can't be opened here."));
    closed.clear();
  }

  @Override
  public void close() throws InterruptedException {
    running = false;
    thread.interrupt();
    thread.join(STOP);
  }
}
