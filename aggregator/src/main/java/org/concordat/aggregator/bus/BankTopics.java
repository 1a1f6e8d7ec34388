package org.concordat.aggregator.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topics of several banks with one consumer. A partition that fails, such as one with a
 * damaged record or one that this party may not read, is left out and tried again ever less often:
 * it would keep all banks' records from being read. Belongs to the reader's thread.
 */
public final class BankTopics {
  static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  static final Duration PAUSE_MAX = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(BankTopics.class);

  /** As Kafka's messages name a partition: no exception has it as a field. */
  private static final Pattern PARTITION = Pattern.compile("[\\w.-]+-\\d+");

  private static final Pattern OFFSET = Pattern.compile("offset (\\d+)");

  /** Of a partition that has failed: for how long it is left out at last, and until when. */
  private record Pause(long nanos, long untilNanos) {
    static Pause after(@Nullable Pause last, long now) {
      long nanos = PAUSE_FIRST.toNanos();
      if (last != null && now - last.untilNanos < PAUSE_MAX.toNanos()) {
        nanos = Math.min(2 * last.nanos, PAUSE_MAX.toNanos());
      }
      return new Pause(nanos, now + nanos);
    }
  }

  private final Map<TopicPartition, String> banks;
  private final Function<TopicPartition, OptionalLong> next;
  private final LongSupplier nanoClock;
  private final Runnable alarm;
  private final Map<TopicPartition, Pause> pauses = new HashMap<>();
  private final Set<TopicPartition> leftOut = new HashSet<>();
  private volatile List<String> unread = List.of();

  /**
   * @param next the offset from which a partition is read; empty for its beginning
   * @param alarm is run for a partition that fails again, each time: a right that is missing while
   *     topics are set up is none
   */
  public BankTopics(
      Map<TopicPartition, String> banks,
      Function<TopicPartition, OptionalLong> next,
      LongSupplier nanoClock,
      Runnable alarm) {
    this.banks = banks;
    this.next = next;
    this.nanoClock = nanoClock;
    this.alarm = alarm;
  }

  /** Begins to read with a new consumer. */
  public void begin(Consumer<byte[], byte[]> consumer) {
    Set<TopicPartition> read = read();
    consumer.assign(read);
    seek(consumer, read);
  }

  /**
   * Takes in again what was left out for long enough.
   *
   * @return which are read again, from the offset that was asked for
   */
  public Set<TopicPartition> tryAgain(Consumer<byte[], byte[]> consumer) {
    if (leftOut.isEmpty()) {
      return Set.of();
    }
    long now = nanoClock.getAsLong();
    Set<TopicPartition> due = new HashSet<>(leftOut);
    due.removeIf(at -> now - Objects.requireNonNull(pauses.get(at)).untilNanos() < 0);
    if (!due.isEmpty()) {
      leftOut.removeAll(due);
      consumer.assign(read());
      seek(consumer, due);
      show();
    }
    return due;
  }

  /**
   * What has come; nothing where a partition fails, which is left out from then on.
   *
   * @throws KafkaException that concerns no single partition
   */
  public ConsumerRecords<byte[], byte[]> poll(Consumer<byte[], byte[]> consumer, Duration timeout) {
    if (leftOut.size() == banks.size()) {
      sleep(timeout);
      return ConsumerRecords.empty();
    }
    try {
      return consumer.poll(timeout);
    } catch (InterruptException e) {
      throw e;
    } catch (KafkaException e) {
      Set<TopicPartition> failed = failed(e);
      if (failed.isEmpty()) {
        throw e;
      }
      // One that is left out already: the answer to a question before that.
      failed.removeAll(leftOut);
      failed.forEach(at -> leaveOut(at, e));
      consumer.assign(read());
      show();
      return ConsumerRecords.empty();
    }
  }

  private static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      // The thread stays interrupted: its consumer is closed without waiting.
      throw new InterruptException(e);
    }
  }

  /** Whether a partition is read; else its consumer knows nothing of it. */
  public boolean isRead(TopicPartition at) {
    return !leftOut.contains(at);
  }

  /** Banks with a partition that is left out; for any thread. */
  public List<String> unread() {
    return unread;
  }

  private Set<TopicPartition> read() {
    Set<TopicPartition> read = new LinkedHashSet<>(banks.keySet());
    read.removeAll(leftOut);
    return read;
  }

  private void seek(Consumer<byte[], byte[]> consumer, Set<TopicPartition> to) {
    for (TopicPartition at : to) {
      OptionalLong offset = next.apply(at);
      if (offset.isPresent()) {
        consumer.seek(at, offset.getAsLong());
      } else {
        consumer.seekToBeginning(List.of(at));
      }
    }
  }

  private Set<TopicPartition> failed(KafkaException failure) {
    Set<TopicPartition> failed = new HashSet<>();
    if (failure instanceof TopicAuthorizationException forbidden) {
      for (TopicPartition at : banks.keySet()) {
        if (forbidden.unauthorizedTopics().contains(at.topic())) {
          failed.add(at);
        }
      }
    }
    String message = Objects.requireNonNullElse(failure.getMessage(), "");
    Set<String> named = new HashSet<>();
    PARTITION.matcher(message).results().forEach(match -> named.add(match.group()));
    for (TopicPartition at : banks.keySet()) {
      if (named.contains(at.toString())) {
        failed.add(at);
      }
    }
    return failed;
  }

  private void leaveOut(TopicPartition at, KafkaException failure) {
    Pause pause = Pause.after(pauses.get(at), nanoClock.getAsLong());
    pauses.put(at, pause);
    leftOut.add(at);
    if (pause.nanos() > PAUSE_FIRST.toNanos()) {
      alarm.run();
    }
    LOG.atError()
        .addKeyValue("code", Code.CDT_417.label())
        .addKeyValue("bank", banks.get(at))
        .addKeyValue("topic", at.topic())
        .addKeyValue("partition", at.partition())
        .addKeyValue("offset", offset(at, failure))
        .addKeyValue("cause", failure.getClass().getSimpleName())
        .addKeyValue("againInSeconds", Duration.ofNanos(pause.nanos()).toSeconds())
        .addKeyValue("fix", Code.CDT_417.fix())
        .log(Code.CDT_417.cause());
  }

  /** The one that the brokers' answer names; else from where it is to be read. */
  private long offset(TopicPartition at, KafkaException failure) {
    var named = OFFSET.matcher(Objects.requireNonNullElse(failure.getMessage(), ""));
    return named.find() ? Long.parseLong(named.group(1)) : next.apply(at).orElse(0);
  }

  private void show() {
    unread = leftOut.stream().map(banks::get).distinct().sorted().toList();
  }
}
