package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.concordat.aggregator.LogLines;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A partition that fails is left out and tried again; the others are read. */
class BankTopicsTest {
  private static final TopicPartition FIRST = new TopicPartition("test.shares.a", 1);
  private static final TopicPartition LIKE_IT = new TopicPartition("test.shares.a", 10);
  private static final TopicPartition OTHER = new TopicPartition("test.shares.b", 1);
  private static final Set<TopicPartition> ALL = Set.of(FIRST, LIKE_IT, OTHER);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger alarms = new AtomicInteger();
  private final Map<TopicPartition, Long> next = new HashMap<>();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final BankTopics topics =
      new BankTopics(banks(), this::next, nanos::get, alarms::incrementAndGet);

  private static Map<TopicPartition, String> banks() {
    Map<TopicPartition, String> banks = new LinkedHashMap<>();
    banks.put(FIRST, "a");
    banks.put(LIKE_IT, "a");
    banks.put(OTHER, "b");
    return banks;
  }

  private OptionalLong next(TopicPartition at) {
    Long offset = next.get(at);
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  @BeforeEach
  void begin() {
    Map<TopicPartition, Long> zero = Map.of(FIRST, 0L, LIKE_IT, 0L, OTHER, 0L);
    consumer.updateBeginningOffsets(zero);
    consumer.updateEndOffsets(zero);
    topics.begin(consumer);
    assertThat(consumer.assignment()).isEqualTo(ALL);
  }

  private int poll() {
    return topics.poll(consumer, Duration.ofMillis(1)).count();
  }

  private void fail(KafkaException failure) {
    consumer.setPollException(failure);
    assertThat(poll()).isZero();
  }

  private void damage(TopicPartition at) {
    fail(new KafkaException("Record for partition " + at + " at offset 7 is invalid, cause: any"));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void add(TopicPartition at, long offset) {
    consumer.addRecord(
        new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[0], new byte[0]));
  }

  @Test
  void oneThatIsDamagedIsLeftOutAndTheOthersAreRead() {
    try (var lines = new LogLines(BankTopics.class)) {
      damage(FIRST);
      assertThat(lines.only())
          .containsEntry("code", "CDT-417")
          .containsEntry("bank", "a")
          .containsEntry("topic", FIRST.topic())
          .containsEntry("partition", 1)
          .containsEntry("offset", 7L)
          .containsEntry("cause", "KafkaException");
    }
    assertThat(consumer.assignment()).containsExactlyInAnyOrder(LIKE_IT, OTHER);
    assertThat(topics.isRead(FIRST)).isFalse();
    assertThat(topics.unread()).containsExactly("a");
    assertThat(alarms).hasValue(0);
    add(LIKE_IT, 0);
    add(OTHER, 0);
    assertThat(poll()).isEqualTo(2);
  }

  @Test
  void itIsReadAgainFromWhereItsReaderStands() {
    damage(FIRST);
    pass(BankTopics.PAUSE_FIRST.minusNanos(1));
    assertThat(topics.tryAgain(consumer)).isEmpty();
    next.put(FIRST, 5L);
    pass(Duration.ofNanos(1));
    assertThat(topics.tryAgain(consumer)).containsExactly(FIRST);
    assertThat(consumer.assignment()).isEqualTo(ALL);
    assertThat(consumer.position(FIRST)).isEqualTo(5);
    assertThat(topics.isRead(FIRST)).isTrue();
    assertThat(topics.unread()).isEmpty();
  }

  @Test
  void itIsTriedEverLessOftenUntilItHoldsForAWhile() {
    for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      damage(FIRST);
      pass(Duration.ofSeconds(seconds).minusNanos(1));
      assertThat(topics.tryAgain(consumer)).as("after %d s", seconds).isEmpty();
      pass(Duration.ofNanos(1));
      assertThat(topics.tryAgain(consumer)).containsExactly(FIRST);
    }
    assertThat(alarms).hasValue(7);
    pass(BankTopics.PAUSE_MAX);
    damage(FIRST);
    pass(BankTopics.PAUSE_FIRST);
    assertThat(topics.tryAgain(consumer)).containsExactly(FIRST);
    assertThat(alarms).as("it was read for a while").hasValue(7);
  }

  @Test
  void allPartitionsOfAForbiddenTopicAreLeftOutOnce() {
    var forbidden = new TopicAuthorizationException(Set.of(FIRST.topic(), "test.others"));
    fail(forbidden);
    assertThat(consumer.assignment()).containsExactly(OTHER);
    fail(forbidden);
    pass(BankTopics.PAUSE_FIRST);
    assertThat(topics.tryAgain(consumer))
        .as("an answer to an earlier question counts once")
        .containsExactlyInAnyOrder(FIRST, LIKE_IT);
  }

  @Test
  void nothingComesWhereAllAreLeftOut() {
    damage(FIRST);
    damage(LIKE_IT);
    damage(OTHER);
    assertThat(consumer.assignment()).isEmpty();
    assertThat(poll()).isZero();
    pass(BankTopics.PAUSE_FIRST);
    assertThat(topics.tryAgain(consumer)).isEqualTo(ALL);
    add(OTHER, 0);
    assertThat(poll()).isOne();
  }

  @Test
  void whatConcernsNoPartitionIsItsReadersToTry() {
    var failure = new KafkaException("stands for brokers that are away");
    consumer.setPollException(failure);
    assertThatThrownBy(this::poll).isSameAs(failure);
    assertThat(consumer.assignment()).isEqualTo(ALL);
    assertThat(alarms).hasValue(0);
  }
}
