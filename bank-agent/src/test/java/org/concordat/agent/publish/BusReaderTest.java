package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BusReaderTest {
  private static final TopicPartition FIRST = new TopicPartition("cuts", 0);
  private static final TopicPartition SECOND = new TopicPartition("cuts", 1);

  private final List<String> taken = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<MockConsumer<byte[], byte[]>> consumers = new ArrayList<>();
  private Optional<Long> firstStart = Optional.of(5L);

  private final class Feed implements BusReader.Feed {
    @Override
    public String topic() {
      return "cuts";
    }

    @Override
    public Optional<Long> start(int partition) {
      Optional<Long> start = partition == 0 ? firstStart : Optional.of(5L);
      return start.map(left -> left + taken.size());
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
      taken.add(record.partition() + "@" + record.offset());
    }

    @Override
    public void reached(int partition, long offset) {
      told.add("reached " + partition + "@" + offset);
    }

    @Override
    public void caughtUp(Set<Integer> partitions) {
      told.add("caught up " + partitions);
    }

    @Override
    public void lost(int partition, long from, long before) {
      told.add("lost " + partition + "@" + from + ".." + before);
    }
  }

  private MockConsumer<byte[], byte[]> newConsumer() {
    var consumer = new MockConsumer<byte[], byte[]>("none");
    prepare(consumer);
    return consumer;
  }

  private void prepare(MockConsumer<byte[], byte[]> consumer) {
    var node = new Node(0, "localhost", 1);
    Node[] replicas = {node};
    consumer.updatePartitions(
        "cuts",
        List.of(
            new PartitionInfo("cuts", 0, node, replicas, replicas),
            new PartitionInfo("cuts", 1, node, replicas, replicas)));
    offsets(consumer, 0, 100);
    consumers.add(consumer);
  }

  /** Of the first partition; the second has all. */
  private static void offsets(MockConsumer<byte[], byte[]> consumer, long begin, long end) {
    consumer.updateBeginningOffsets(Map.of(FIRST, begin, SECOND, 0L));
    consumer.updateEndOffsets(Map.of(FIRST, end, SECOND, 100L));
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

  /** Reads from a log of these bounds: a record at its beginning, then none. */
  private void readOnce(long begin, long end) throws InterruptedException {
    MockConsumer<byte[], byte[]> consumer = newConsumer();
    offsets(consumer, begin, end);
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    long first = Math.max(begin, firstStart.orElse(begin));
    consumer.schedulePollTask(() -> add(consumer, FIRST, first));
    consumer.schedulePollTask(reader::stop);
    reader.run();
  }

  @Test
  void recordsThatAreGoneAreToldAndTheOthersRead() throws InterruptedException {
    readOnce(6, 100);
    assertThat(told).containsExactly("lost 0@5..6", "reached 0@6", "reached 0@7");
    assertThat(taken).containsExactly("0@6");
  }

  @Test
  void nothingIsGoneWhereTheLogBeginsNoLater() throws InterruptedException {
    readOnce(5, 100);
    assertThat(told).containsExactly("reached 0@6");
    assertThat(taken).containsExactly("0@5");
  }

  @Test
  void nothingIsGoneForWhoNeverRead() throws InterruptedException {
    firstStart = Optional.empty();
    readOnce(6, 100);
    assertThat(told).containsExactly("reached 0@6", "reached 0@7");
    assertThat(taken).containsExactly("0@6");
  }

  @Test
  void whoBeganAtZeroAndReadNothingLosesWhatIsGone() throws InterruptedException {
    firstStart = Optional.of(0L);
    readOnce(6, 100);
    assertThat(told).containsExactly("lost 0@0..6", "reached 0@6", "reached 0@7");
    assertThat(taken).containsExactly("0@6");
  }

  @Test
  void whatHoldsNoRecordIsReachedToo() throws InterruptedException {
    MockConsumer<byte[], byte[]> consumer = newConsumer();
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    // Behind a transaction that was given up: the position moves, and no record comes.
    consumer.schedulePollTask(() -> consumer.seek(FIRST, 8));
    consumer.schedulePollTask(reader::stop);
    reader.run();
    assertThat(told).containsExactly("reached 0@8");
    assertThat(taken).isEmpty();
  }

  @Test
  void aTopicThatWasMadeAgainIsReadFromItsBeginning() throws InterruptedException {
    firstStart = Optional.of(9L);
    MockConsumer<byte[], byte[]> consumer = newConsumer();
    offsets(consumer, 0, 8);
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    consumer.schedulePollTask(() -> add(consumer, FIRST, 0));
    consumer.schedulePollTask(reader::stop);
    reader.run();
    assertThat(told).containsExactly("lost 0@8..9", "reached 0@0", "reached 0@1");
    assertThat(taken).containsExactly("0@0");
  }

  @Test
  void whoHasNothingToReadIsCaughtUpAtOnceAndTheOtherWithTheLastRecord()
      throws InterruptedException {
    MockConsumer<byte[], byte[]> consumer = newConsumer();
    consumer.updateEndOffsets(Map.of(FIRST, 5L, SECOND, 7L));
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    consumer.schedulePollTask(
        () -> {
          assertThat(told).containsExactly("caught up [0]");
          add(consumer, SECOND, 5);
        });
    consumer.schedulePollTask(
        () -> {
          assertThat(told).containsExactly("caught up [0]");
          add(consumer, SECOND, 6);
        });
    consumer.schedulePollTask(
        () -> {
          assertThat(told).containsExactly("caught up [0]", "caught up [1]");
          reader.stop();
        });
    reader.run();
    assertThat(taken).containsExactly("1@5", "1@6");
  }

  /** A mark of a transaction is the last that the log has. */
  @Test
  void whatHoldsNoRecordIsCaughtUpWithToo() throws InterruptedException {
    MockConsumer<byte[], byte[]> consumer = newConsumer();
    consumer.updateEndOffsets(Map.of(FIRST, 8L, SECOND, 100L));
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    consumer.schedulePollTask(() -> consumer.seek(FIRST, 8));
    consumer.schedulePollTask(reader::stop);
    reader.run();
    assertThat(told).containsExactly("reached 0@8", "caught up [0]");
  }

  @Test
  void aPartitionThatNobodyAnswersForHoldsNoOtherUp() throws InterruptedException {
    var consumer =
        new MockConsumer<byte[], byte[]>("none") {
          @Override
          public Map<TopicPartition, Long> endOffsets(
              Collection<TopicPartition> partitions, Duration timeout) {
            if (partitions.contains(SECOND)) {
              throw new TimeoutException("told by the test");
            }
            return super.endOffsets(partitions, timeout);
          }
        };
    prepare(consumer);
    var reader = new BusReader(() -> consumer, List.of(new Feed()));
    consumer.schedulePollTask(() -> add(consumer, FIRST, 5));
    consumer.schedulePollTask(
        () -> {
          assertThat(consumer.assignment()).containsExactly(FIRST);
          reader.stop();
        });
    reader.run();
    assertThat(taken).containsExactly("0@5");
  }

  @Test
  void anOffsetThatExpiresWhileItIsReadIsToldToo() throws InterruptedException {
    BusReader[] reader = new BusReader[1];
    reader[0] =
        new BusReader(
            () -> {
              MockConsumer<byte[], byte[]> consumer = newConsumer();
              if (consumers.size() == 1) {
                consumer.schedulePollTask(
                    () ->
                        consumer.setPollException(
                            new OffsetOutOfRangeException(Map.of(FIRST, 5L))));
              } else {
                offsets(consumer, 20, 100);
                consumer.schedulePollTask(reader[0]::stop);
              }
              return consumer;
            },
            List.of(new Feed()));
    reader[0].run();
    assertThat(told).containsExactly("lost 0@5..20", "reached 0@20");
  }
}
