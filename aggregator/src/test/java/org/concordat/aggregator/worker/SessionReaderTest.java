package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private SessionReader reader(AtomicBoolean hasKey) {
    return new SessionReader(
        () -> consumer,
        blocks.opener(hasKey::get),
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
        });
  }

  @Test
  void aKeyThatIsSeenLateOpensWhatWasRefused() throws Exception {
    var hasKey = new AtomicBoolean();
    byte[] setup = RecordCodec.encode(blocks.sessionSetup());
    consumer.updateBeginningOffsets(Map.of(TOPIC, 0L));
    consumer.schedulePollTask(
        () -> consumer.addRecord(new ConsumerRecord<>(TOPIC.topic(), 0, 0, new byte[0], setup)));
    try (SessionReader reader = reader(hasKey)) {
      reader.start();
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo("CDT-412");
      hasKey.set(true);
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(SealedBlocks.BANK);
    }
    assertThat(heard).isEmpty();
  }
}
