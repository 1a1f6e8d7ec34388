package org.concordat.agent.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.concordat.agent.ingest.JsonCells;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.DeadLetter;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TopicSourceTest {
  private static final String TOPIC = "payments";
  private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
  private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
  private static final Uuid ID = new Uuid(7, 8);

  @TempDir Path folder;

  private AgentStore store;
  private MockConsumer<byte[], byte[]> consumer;
  private final AtomicBoolean full = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final List<SourceRecord> taken = new ArrayList<>();
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private Uuid id = ID;
  private String groupId = "agent";
  private boolean fromEnd;
  private int opened;

  @BeforeEach
  void open() {
    store = TestStores.open(folder.resolve("data"));
    consumer = consumer(2);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private MockConsumer<byte[], byte[]> consumer(int partitions) {
    var consumer =
        new MockConsumer<byte[], byte[]>("none") {
          @Override
          public synchronized void commitAsync(
              Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
            committed.putAll(offsets);
          }
        };
    var node = new Node(0, "localhost", 1);
    Node[] replicas = {node};
    consumer.updatePartitions(
        TOPIC,
        IntStream.range(0, partitions)
            .mapToObj(p -> new PartitionInfo(TOPIC, p, node, replicas, replicas))
            .toList());
    offsets(consumer, 0, 0);
    return consumer;
  }

  /** What the brokers say of both partitions. */
  private static void offsets(MockConsumer<byte[], byte[]> consumer, long begin, long end) {
    consumer.updateBeginningOffsets(Map.of(FIRST, begin, SECOND, begin));
    consumer.updateEndOffsets(Map.of(FIRST, end, SECOND, end));
  }

  private void add(TopicPartition at, long offset, byte[] body) {
    consumer.addRecord(new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[0], body));
  }

  private void add(TopicPartition at, long offset) {
    add(at, offset, "{\"id\":\"%d\"}".formatted(offset).getBytes(StandardCharsets.UTF_8));
  }

  /** Reads until a poll after these stops it. */
  private void run(Runnable... polls) throws InterruptedException {
    run(record -> makeDurable(), polls);
  }

  private void run(Consumer<SourceRecord> then, Runnable... polls) throws InterruptedException {
    stopping.set(false);
    for (Runnable poll : polls) {
      consumer.schedulePollTask(poll);
    }
    consumer.schedulePollTask(() -> stopping.set(true));
    source()
        .run(
            record -> {
              taken.add(record);
              then.accept(record);
            });
  }

  private TopicSource source() {
    var brokers =
        new TopicSource.Brokers() {
          @Override
          public org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer() {
            opened++;
            return consumer;
          }

          @Override
          public Uuid topicId() {
            return id;
          }
        };
    return new TopicSource(
        brokers,
        TOPIC,
        groupId,
        fromEnd,
        new JsonCells(List.of("id"), JsonCells.Others.SKIPPED),
        store,
        full::get,
        stopping::get);
  }

  /** As the spooler does for all that was taken. */
  private void makeDurable() {
    var group = new StoreGroup();
    taken.forEach(record -> Objects.requireNonNull(record.bookmark()).change().accept(group));
    store.commit(group);
  }

  private List<String> places() {
    return taken.stream().map(record -> record.place().toString()).toList();
  }

  private long committed(TopicPartition partition) {
    return Objects.requireNonNull(committed.get(partition)).offset();
  }

  @Test
  void goesOnAfterWhatIsDurableWhateverTheGroupSays() throws InterruptedException {
    run(
        () -> {
          add(FIRST, 0);
          add(FIRST, 1);
          add(SECOND, 0);
        });
    assertThat(places()).containsExactlyInAnyOrder("payments/0@0", "payments/0@1", "payments/1@0");
    assertThat(committed(FIRST)).isEqualTo(2);
    assertThat(committed(SECOND)).isEqualTo(1);
    taken.clear();

    // A new consumer knows no committed offsets; the store does.
    consumer = consumer(2);
    offsets(consumer, 0, 3);
    run(
        () -> {
          assertThat(consumer.position(FIRST)).isEqualTo(2);
          assertThat(consumer.position(SECOND)).isEqualTo(1);
          add(FIRST, 2);
        });
    assertThat(places()).containsExactly("payments/0@2");
  }

  @Test
  void whatIsNotDurableIsNeitherCommittedNorPassedOver() throws InterruptedException {
    run(record -> {}, () -> add(FIRST, 0));
    assertThat(taken).hasSize(1);
    assertThat(committed(FIRST)).isZero();
    consumer = consumer(2);
    offsets(consumer, 0, 1);
    run(() -> assertThat(consumer.position(FIRST)).isZero());
  }

  @Test
  void whatCannotBeReadIsRefusedWithItsPlace() throws InterruptedException {
    run(
        () -> {
          add(FIRST, 0, "{\"id\"".getBytes(StandardCharsets.UTF_8));
          add(FIRST, 1, null);
          add(FIRST, 2, new byte[DeadLetter.RAW_BYTES_MAX + 1]);
          add(FIRST, 3, json(DeadLetter.RAW_BYTES_MAX));
        });
    assertThat(places())
        .containsExactly("payments/0@0", "payments/0@1", "payments/0@2", "payments/0@3");
    assertThat(taken.subList(0, 3))
        .extracting(record -> Objects.requireNonNull(record.refusal()).code())
        .containsExactly(Code.CDT_323, Code.CDT_380, Code.CDT_304);
    assertThat(taken.get(3).refusal()).isNull();
    assertThat(committed(FIRST)).isEqualTo(4);
  }

  @Test
  void aHeaderBeforeTheJsonCostsItsRecordAlone() throws InterruptedException {
    run(
        () -> {
          add(FIRST, 0, new byte[] {0, 0, 0, 5, '{', '}'});
          add(FIRST, 1, new byte[] {0, 0, 0, 0, 17, '{', '}'});
          add(FIRST, 2);
        });
    assertThat(taken.subList(0, 2))
        .extracting(record -> Objects.requireNonNull(record.refusal()).code())
        .containsExactly(Code.CDT_323, Code.CDT_323);
    assertThat(taken.get(2).refusal()).isNull();
    assertThat(committed(FIRST)).isEqualTo(3);
  }

  /** As long as it says. */
  private static byte[] json(int lengthBytes) {
    String start = "{\"other\":\"";
    String text = start + "x".repeat(lengthBytes - start.length() - 2) + "\"}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void pausesWhileNothingCanBeStored() throws InterruptedException {
    full.set(true);
    run(
        () -> {
          assertThat(consumer.paused()).containsExactlyInAnyOrder(FIRST, SECOND);
          add(FIRST, 0);
        },
        () -> {
          assertThat(taken).isEmpty();
          full.set(false);
        },
        () -> assertThat(consumer.paused()).isEmpty());
    assertThat(taken).hasSize(1);
  }

  @Test
  void offsetsWithoutRecordsAreNoLossWhenTheyExpire() throws InterruptedException {
    run(
        () -> add(FIRST, 0),
        // A mark of a transaction's end, which the consumer goes past by itself.
        () -> consumer.seek(FIRST, 3));
    assertThat(committed(FIRST)).isEqualTo(3);
    consumer = consumer(2);
    offsets(consumer, 0, 3);
    consumer.updateBeginningOffsets(Map.of(FIRST, 3L));
    run(() -> assertThat(consumer.position(FIRST)).isEqualTo(3));
  }

  @Test
  void lostRecordsStopItAndAnotherGroupGoesOn() throws InterruptedException {
    run(() -> add(FIRST, 0));
    consumer = consumer(2);
    offsets(consumer, 5, 9);
    refuses(
        Code.CDT_385,
        "payments/0: CDT-385 The agent has read up to offset 1, and the log begins at 5: 4 offsets"
            + " are lost.");
    consumer = consumer(2);
    offsets(consumer, 5, 9);
    groupId = "agent-2";
    run(() -> assertThat(consumer.position(FIRST)).isEqualTo(5));
  }

  @Test
  void aShorterLogOrAnotherTopicOfTheNameStopsIt() throws InterruptedException {
    run(() -> add(FIRST, 0), () -> add(FIRST, 1));
    consumer = consumer(2);
    offsets(consumer, 0, 1);
    refuses(Code.CDT_386, "up to offset 2, and the log ends at 1");
    consumer = consumer(2);
    offsets(consumer, 0, 9);
    id = new Uuid(7, 9);
    refuses(Code.CDT_386, "Topic " + ID + " was read");
  }

  private void refuses(Code code, String text) {
    assertThatThrownBy(() -> run())
        .isInstanceOfSatisfying(
            InvalidInputException.class,
            e -> {
              Problem problem = e.problems().getFirst();
              assertThat(problem.code()).isEqualTo(code);
              assertThat(problem.toString()).contains(text);
            });
    assertThat(consumer.closed()).isTrue();
  }

  @Test
  void aTopicIsBegunAtItsEndOnlyIfItWasNeverRead() throws InterruptedException {
    fromEnd = true;
    consumer = consumer(1);
    offsets(consumer, 0, 7);
    run(() -> assertThat(consumer.position(FIRST)).isEqualTo(7));
    // The place where it was begun is known, though no record came; a new partition is all new.
    consumer = consumer(2);
    offsets(consumer, 0, 9);
    run(
        () -> {
          assertThat(consumer.position(FIRST)).isEqualTo(7);
          assertThat(consumer.position(SECOND)).isZero();
        });
  }

  @Test
  void beginsAgainWhenTheBrokersFail() throws InterruptedException {
    MockConsumer<byte[], byte[]> failing = consumer;
    failing.schedulePollTask(
        () -> {
          failing.setPollException(new KafkaException("told by the test"));
          consumer = consumer(2);
          consumer.schedulePollTask(() -> stopping.set(true));
        });
    TopicSource source = source();
    assertThat(source.waiting()).isTrue();
    source.run(taken::add);
    assertThat(opened).isEqualTo(2);
    assertThat(failing.closed()).isTrue();
    assertThat(source.waiting()).isFalse();
  }

  @Test
  void readsNoMorePartitionsThanItsLimit() throws InterruptedException {
    consumer = consumer(TopicSource.PARTITIONS_MAX + 1);
    refuses(Code.CDT_106, "more than 512 partitions");
    consumer = consumer(TopicSource.PARTITIONS_MAX);
    for (int p = 0; p < TopicSource.PARTITIONS_MAX; p++) {
      consumer.updateBeginningOffsets(Map.of(new TopicPartition(TOPIC, p), 0L));
      consumer.updateEndOffsets(Map.of(new TopicPartition(TOPIC, p), 0L));
    }
    run(() -> assertThat(consumer.assignment()).hasSize(TopicSource.PARTITIONS_MAX));
  }
}
