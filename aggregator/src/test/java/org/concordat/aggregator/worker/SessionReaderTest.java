package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.bus.SessionReader;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.RecordCodec;
import org.junit.jupiter.api.Test;

/** A session's set-up that came before its key was there is taken once it is. */
class SessionReaderTest {
  private static final TopicPartition TOPIC = new TopicPartition("sessions.bank-a", 0);

  private final SealedBlocks blocks = new SealedBlocks();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger tried = new AtomicInteger();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private SessionReader reader(BooleanSupplier hasKey) {
    return new SessionReader(
        () -> consumer,
        blocks.opener(
            () -> {
              tried.incrementAndGet();
              return hasKey.getAsBoolean();
            }),
        "agg-1",
        List.of(TOPIC.topic()),
        new SessionReader.Listener() {
          @Override
          public void accepted(String bank) {
            heard.add(bank);
          }

          @Override
          public void refused(String topic, Code code) {
            heard.add(code.label());
          }
        },
        nanos::get);
  }

  /** Starts it, and waits until a set-up can't be opened. */
  private void startWithoutKey(SessionReader reader) throws InterruptedException {
    byte[] setup = RecordCodec.encode(blocks.sessionSetup());
    consumer.updateBeginningOffsets(Map.of(TOPIC, 0L));
    consumer.schedulePollTask(
        () -> consumer.addRecord(new ConsumerRecord<>(TOPIC.topic(), 0, 0, new byte[0], setup)));
    reader.start();
    assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("CDT-412");
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
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(SealedBlocks.BANK);
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
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(SealedBlocks.BANK);
    }
  }
}
