package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BusReaderTest {
  private static final TopicPartition FIRST = new TopicPartition("cuts", 0);
  private static final TopicPartition SECOND = new TopicPartition("cuts", 1);

  private final List<String> taken = new ArrayList<>();
  private final List<MockConsumer<byte[], byte[]>> consumers = new ArrayList<>();

  private final class Feed implements BusReader.Feed {
    @Override
    public String topic() {
      return "cuts";
    }

    @Override
    public long start(int partition) {
      return 5 + taken.size();
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
      taken.add(record.partition() + "@" + record.offset());
    }
  }

  private MockConsumer<byte[], byte[]> newConsumer() {
    var consumer = new MockConsumer<byte[], byte[]>("earliest");
    var node = new Node(0, "localhost", 1);
    Node[] replicas = {node};
    consumer.updatePartitions(
        "cuts",
        List.of(
            new PartitionInfo("cuts", 0, node, replicas, replicas),
            new PartitionInfo("cuts", 1, node, replicas, replicas)));
    consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
    consumers.add(consumer);
    return consumer;
  }

  private static void add(MockConsumer<byte[], byte[]> consumer, TopicPartition at, long offset) {
    consumer.addRecord(
        new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[0], new byte[0]));
  }

  @Test
  void goesOnWhereItWasLeftAlsoAfterAFailure() throws InterruptedException {
    BusReader[] reader = new BusReader[1];
    reader[0] =
        new BusReader(
            () -> {
              MockConsumer<byte[], byte[]> consumer = newConsumer();
              boolean first = consumers.size() == 1;
              consumer.schedulePollTask(
                  () -> {
                    add(consumer, FIRST, first ? 5 : 6);
                    add(consumer, SECOND, first ? 5 : 6);
                  });
              consumer.schedulePollTask(
                  () -> {
                    if (first) {
                      consumer.setPollException(new KafkaException("told by the test"));
                    } else {
                      reader[0].stop();
                    }
                  });
              return consumer;
            },
            List.of(new Feed()));
    reader[0].run();
    assertThat(consumers).hasSize(2);
    assertThat(consumers).allMatch(MockConsumer::closed);
    assertThat(taken.subList(0, 2)).containsExactlyInAnyOrder("0@5", "1@5");
  }
}
