package org.concordat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.agent.metrics.AgentMetrics;
import org.concordat.agent.publish.HeldFlags;
import org.concordat.agent.publish.ReceiptLog;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.Topics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a topic is gone on with, and what is counted where it isn't whole. */
class BusFeedsTest {
  @TempDir private Path data;

  private final TestConsortium consortium = new TestConsortium(2);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private AgentStore store;
  private BusFeeds.Receipts receipts;

  @BeforeEach
  void open() {
    store = TestStores.open(data);
    String bank = TestConsortium.BANK;
    var held = new HeldFlags(store, 2, "large"::equals);
    receipts =
        new BusFeeds.Receipts(
            new Topics("test."),
            bank,
            new ReceiptLog(consortium.charter, bank, held, registry),
            store,
            new AgentMetrics(registry, store, () -> 0));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private double lost(String topic) {
    return registry.get("concordat.agent.records.lost").tag("topic", topic).counter().count();
  }

  @Test
  void receiptsAreGoneOnWithBehindTheLastRecordAndItsMarks() {
    assertThat(receipts.start(0)).isEmpty();
    receipts.take(new ConsumerRecord<>(receipts.topic(), 0, 4, new byte[0], new byte[] {9}));
    assertThat(receipts.start(0)).contains(5L);
    receipts.reached(0, 6);
    assertThat(receipts.start(0)).contains(6L);
  }

  @Test
  void aReceiptWithoutAValueIsPassed() {
    receipts.take(new ConsumerRecord<>(receipts.topic(), 0, 4, new byte[0], null));
    assertThat(receipts.start(0)).contains(5L);
  }

  @Test
  void whereReceiptsWereBegunIsKeptAlsoBeforeTheFirst() {
    receipts.reached(0, 0);
    assertThat(receipts.start(0)).contains(0L);
    assertThat(receipts.start(1)).as("never read").isEmpty();
  }

  @Test
  void lostRecordsAreCountedByTopic() {
    assertThat(lost("cuts")).as("there from the start").isZero();
    receipts.lost(0, 5, 12);
    assertThat(lost("receipts")).isEqualTo(7);
    receipts.lost(0, 12, 13);
    assertThat(lost("receipts")).isEqualTo(8);
    assertThat(lost("cuts")).isZero();
  }
}
