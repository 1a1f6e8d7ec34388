package org.concordat.aggregator.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.BankTopics;
import org.concordat.aggregator.bus.RefusalLog;
import org.concordat.aggregator.bus.SessionReader;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.LogMinute;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A session's set-up that came before its key was there is taken once it is, and what is refused is
 * told with its evidence, but not without bound.
 */
@Timeout(120)
class SessionReaderTest {
  private static final TopicPartition TOPIC = new TopicPartition("test.sessions.bank-a", 0);
  private static final String EARLIER = "earlier";

  private final SealedBlocks blocks = new SealedBlocks();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger tried = new AtomicInteger();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private volatile MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private SessionReader reader(BooleanSupplier hasKey) {
    return new SessionReader(
        () -> consumer,
        blocks.opener(
            () -> {
              tried.incrementAndGet();
              return hasKey.getAsBoolean();
            }),
        "agg-1",
        new Topics("test."),
        List.of(SealedBlocks.BANK),
        new SessionReader.Listener() {
          @Override
          public void accepted(String bank) {
            heard.add(bank);
          }

          @Override
          public void refused(String bank, Code code) {
            heard.add(code.label());
          }

          @Override
          public void refusedEarlier(String bank) {
            heard.add(EARLIER);
          }
        },
        nanos::get);
  }

  /** The first poll finds the topic's end, and nothing to read yet. */
  private void begin(long end) {
    consumer.updateBeginningOffsets(Map.of(TOPIC, 0L));
    consumer.updateEndOffsets(Map.of(TOPIC, end));
    consumer.schedulePollTask(() -> {});
  }

  /** Comes with the next poll. */
  private void write(long offset, byte[] value) {
    MockConsumer<byte[], byte[]> reading = consumer;
    reading.schedulePollTask(
        () -> reading.addRecord(new ConsumerRecord<>(TOPIC.topic(), 0, offset, null, value)));
  }

  private void writeSetup(long offset) {
    write(offset, RecordCodec.encode(blocks.sessionSetup()));
  }

  private void assertHears(String what) throws InterruptedException {
    assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(what);
  }

  private static void awaitLines(LogLines lines, int count) {
    while (lines.all().size() < count) {
      Thread.onSpinWait();
    }
  }

  /** Starts it, and waits until a set-up can't be opened. */
  private void startWithoutKey(SessionReader reader) throws InterruptedException {
    begin(0);
    writeSetup(0);
    reader.start();
    assertHears("CDT-412");
    while (reader.notes().isEmpty()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aKeyThatIsSeenHoursLateOpensWhatWasRefused() throws Exception {
    var hasKey = new AtomicBoolean();
    try (SessionReader reader = reader(hasKey::get)) {
      startWithoutKey(reader);
      assertThat(reader.notes()).hasSize(1).first().asString().endsWith(" " + SealedBlocks.BANK);
      for (int hour = 0; hour < 10; hour++) {
        // Each time it is tried, and is due again at the next.
        int before = tried.get();
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        while (tried.get() == before) {
          Thread.onSpinWait();
        }
      }
      hasKey.set(true);
      nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
      assertHears(SealedBlocks.BANK);
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void aFailureOfAnotherTryIsNotTheLast() throws Exception {
    try (SessionReader reader =
        reader(
            () -> {
              if (tried.get() == 2) {
                throw new IllegalStateException("stands for any bug");
              }
              return tried.get() > 2;
            })) {
      startWithoutKey(reader);
      nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
      while (tried.get() < 2) {
        Thread.onSpinWait();
      }
      nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
      assertHears(SealedBlocks.BANK);
    }
  }

  @Test
  void aFloodIsToldInPartWithEvidence() throws Exception {
    begin(0);
    int records = LogMinute.LINES_MAX + 5;
    for (int offset = 0; offset < records; offset++) {
      write(offset, "abc".getBytes(US_ASCII));
    }
    try (var lines = new LogLines(RefusalLog.class);
        SessionReader reader = reader(() -> true)) {
      reader.start();
      for (int i = 0; i < records; i++) {
        assertHears("CDT-401");
      }
      assertThat(lines.all()).hasSize(LogMinute.LINES_MAX);
      assertThat(lines.all().getFirst())
          .containsEntry("code", "CDT-401")
          .containsEntry("bank", SealedBlocks.BANK)
          .containsEntry("topic", TOPIC.topic())
          .containsEntry("offset", 0L)
          .containsEntry("lengthBytes", 3)
          // FIPS 180-4's example.
          .containsEntry(
              "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
      awaitLines(lines, LogMinute.LINES_MAX + 1);
      assertThat(lines.all().getLast()).containsEntry("records", 5L);
    }
  }

  @Test
  void aBugThatASetUpFindsIsToldWithEvidence() throws Exception {
    begin(0);
    writeSetup(0);
    BooleanSupplier bug =
        () -> {
          throw new IllegalStateException("stands for any bug");
        };
    try (var lines = new LogLines(RefusalLog.class);
        SessionReader reader = reader(bug)) {
      reader.start();
      assertHears("CDT-401");
      assertThat(lines.only())
          .containsEntry("code", "CDT-401")
          .containsEntry("offset", 0L)
          .containsKey("sha256")
          .containsEntry("thrown", "java.lang.IllegalStateException");
    }
  }

  @Test
  void whatWasThereAtTheStartIsNoRefusal() throws Exception {
    begin(3);
    writeSetup(0);
    write(1, "abc".getBytes(US_ASCII));
    writeSetup(2);
    writeSetup(3);
    write(4, "abc".getBytes(US_ASCII));
    try (SessionReader reader = reader(() -> false)) {
      reader.start();
      for (int earlier = 0; earlier < 3; earlier++) {
        assertHears(EARLIER);
      }
      assertHears("CDT-412");
      assertHears("CDT-401");
    }
  }

  @Test
  void whatIsReadAgainAfterBrokersWereAwayIsNoRefusal() throws Exception {
    byte[] refused = "abc".getBytes(US_ASCII);
    begin(0);
    write(0, refused);
    try (SessionReader reader = reader(() -> true)) {
      reader.start();
      assertHears("CDT-401");
      MockConsumer<byte[], byte[]> first = consumer;
      consumer = new MockConsumer<>("earliest");
      begin(2);
      write(0, refused);
      write(1, refused);
      first.setPollException(new KafkaException("stands for brokers that are away"));
      assertHears(EARLIER);
      assertHears("CDT-401");
    }
  }

  @Test
  void aForbiddenTopicIsToldAndReadOnLater() throws Exception {
    begin(0);
    write(0, "abc".getBytes(US_ASCII));
    try (var lines = new LogLines(BankTopics.class);
        SessionReader reader = reader(() -> true)) {
      reader.start();
      assertHears("CDT-401");
      consumer.setPollException(new TopicAuthorizationException(Set.of(TOPIC.topic())));
      awaitLines(lines, 1);
      assertThat(lines.only())
          .containsEntry("code", "CDT-417")
          .containsEntry("topic", TOPIC.topic())
          .containsEntry("offset", 1L)
          .containsEntry("cause", "TopicAuthorizationException");
      while (reader.notes().isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(reader.notes()).hasSize(1).first().asString().contains("CDT-417");
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
      while (!reader.notes().isEmpty()) {
        Thread.onSpinWait();
      }
      write(1, "abc".getBytes(US_ASCII));
      assertHears("CDT-401");
    }
  }

  @Test
  void setUpsThatCannotBeOpenedAreToldOnceAMinute() throws Exception {
    try (var lines = new LogLines(SessionReader.class);
        SessionReader reader = reader(() -> false)) {
      startWithoutKey(reader);
      awaitLines(lines, 1);
      for (int offset = 1; offset <= 3; offset++) {
        writeSetup(offset);
        assertHears("CDT-412");
      }
      assertThat(lines.only()).containsEntry("setUps", 1);
      nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
      awaitLines(lines, 2);
      assertThat(lines.all().getLast()).containsEntry("setUps", 3);
    }
  }
}
