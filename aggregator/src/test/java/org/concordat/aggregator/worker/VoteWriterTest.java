package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.Test;

/** Votes are reported once they are durable, and never against an earlier one. */
class VoteWriterTest {
  private static final Effect.PersistVote PREPARED =
      new Effect.PersistVote(
          3, 1, VoteKind.PREPARED, new Digest(new byte[32]), new Digest(new byte[32]));
  private static final Effect.PersistVote OF_THE_BATCH_BEHIND =
      new Effect.PersistVote(
          4, 0, VoteKind.ABANDONED, new Digest(new byte[32]), new Digest(new byte[32]));
  private static final Effect.PersistVote ABANDONED =
      new Effect.PersistVote(
          3, 1, VoteKind.ABANDONED, new Digest(new byte[32]), new Digest(new byte[32]));

  private final PartitionSetup setup = new SealedBlocks().setup();
  private final TopicPartition topic =
      new TopicPartition(setup.topics().votes("agg-1"), SealedBlocks.PARTITION);
  private final MockProducer<byte[], byte[]> producer = newProducer();
  private final BlockingQueue<Runnable> partition = new LinkedBlockingQueue<>();
  private final List<Vote> durable = new ArrayList<>();
  private final List<ConsumerRecord<byte[], byte[]>> inLog = new ArrayList<>();
  private final List<Boolean> onVirtualThread = new CopyOnWriteArrayList<>();
  private volatile int lookUpsInVain;

  private static MockProducer<byte[], byte[]> newProducer() {
    return new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private VoteWriter writer() throws InterruptedException {
    return writer(List.of(producer));
  }

  /** That has connected; each failure uses up a producer. */
  private VoteWriter writer(List<MockProducer<byte[], byte[]>> producers)
      throws InterruptedException {
    VoteWriter writer = unconnected(producers);
    writer.connect();
    runNext();
    return writer;
  }

  private VoteWriter unconnected(List<MockProducer<byte[], byte[]>> producers) {
    Iterator<MockProducer<byte[], byte[]>> next = producers.iterator();
    return new VoteWriter(
        setup, log(), next::next, 0, partition::add, (vote, offset) -> durable.add(vote));
  }

  private OwnLog log() {
    var random = new SecureRandom();
    return new OwnLog(
        this::consumer,
        new AtRestBox(SymmetricKey.generate(random), random),
        "state",
        topic.topic(),
        topic.partition(),
        lost -> {});
  }

  private MockConsumer<byte[], byte[]> consumer() {
    onVirtualThread.add(Thread.currentThread().isVirtual());
    if (onVirtualThread.size() <= lookUpsInVain) {
      throw new TimeoutException();
    }
    var consumer = new MockConsumer<byte[], byte[]>("earliest");
    consumer.updateBeginningOffsets(Map.of(topic, 0L));
    consumer.updateEndOffsets(Map.of(topic, (long) inLog.size()));
    consumer.schedulePollTask(() -> inLog.forEach(consumer::addRecord));
    return consumer;
  }

  private void runNext() throws InterruptedException {
    partition.take().run();
  }

  @Test
  void aVoteIsReportedOnceItIsWrittenAndSigned() throws Exception {
    writer().write(PREPARED, ByteBuffer.wrap(new byte[] {1, 2}));
    assertThat(partition).isEmpty();
    producer.completeNext();
    runNext();
    Vote vote = durable.getFirst();
    assertThat(vote.getKind()).isEqualTo(VoteKind.PREPARED);
    assertThat(vote.getSealed().remaining()).as("kept in the log alone").isZero();
    assertThat(Signed.verify(vote, setup.signingKey().verifier())).isTrue();
    ProducerRecord<byte[], byte[]> written = producer.history().getFirst();
    assertThat(written.topic()).isEqualTo(topic.topic());
    assertThat(written.partition()).isEqualTo(topic.partition());
    assertThat(RecordCodec.decode(Vote.class, written.value()).getSealed().remaining())
        .isEqualTo(2);
  }

  @Test
  void aVoteWaitsForAProducer() throws Exception {
    VoteWriter writer = unconnected(List.of(producer));
    writer.write(PREPARED, ByteBuffer.allocate(0));
    writer.connect();
    runNext();
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void aProducerThatIsRefusedMakesPlaceForAnother() throws Exception {
    MockProducer<byte[], byte[]> refused = newProducer();
    refused.partitionsForException = new SslAuthenticationException("told by the test");
    writer(List.of(refused, producer)).write(PREPARED, ByteBuffer.allocate(0));
    assertThat(refused.closed()).isTrue();
    assertThat(refused.history()).isEmpty();
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void aWriteThatTimedOutIsRepeatedByAnotherProducerThoughItMayHaveArrived() throws Exception {
    MockProducer<byte[], byte[]> second = newProducer();
    // What arrived has the first offset.
    second.send(new ProducerRecord<>(topic.topic(), new byte[0]));
    second.completeNext();
    writer(List.of(producer, second)).write(PREPARED, ByteBuffer.allocate(0));
    producer.errorNext(new TimeoutException());
    runNext();
    assertThat(durable).isEmpty();
    // In whatever order, after a pause: the other one has connected, the vote is to be repeated.
    runNext();
    runNext();
    assertThat(producer.closed()).isTrue();
    assertThat(producer.history()).hasSize(1);
    assertThat(second.history()).hasSize(2);
    inLog.add(logged(producer.history().getFirst()));
    second.completeNext();
    runNext();
    assertThat(durable).as("not before the gap was read").isEmpty();
    runNext();
    assertThat(durable).hasSize(1);
  }

  /** Kafka's lets them all fail when it is closed. */
  @Test
  void whatElseWasUnderWayIsRepeatedToo() throws Exception {
    MockProducer<byte[], byte[]> second = newProducer();
    VoteWriter writer = writer(List.of(producer, second));
    writer.write(PREPARED, ByteBuffer.allocate(0));
    writer.write(OF_THE_BATCH_BEHIND, ByteBuffer.allocate(0));
    producer.errorNext(new TimeoutException());
    producer.errorNext(new KafkaException("told by the test"));
    // Two have failed and are to be repeated, and a producer has connected.
    for (int i = 0; i < 5; i++) {
      runNext();
    }
    assertThat(second.history()).hasSize(2);
    second.completeNext();
    second.completeNext();
    runNext();
    runNext();
    assertThat(durable).extracting(Vote::getBatch).containsExactlyInAnyOrder(3L, 4L);
  }

  @Test
  void aVoteThatNoProducerMayWriteIsRepeatedAloneByTheSame() throws Exception {
    VoteWriter writer = writer();
    writer.write(PREPARED, ByteBuffer.allocate(0));
    writer.write(OF_THE_BATCH_BEHIND, ByteBuffer.allocate(0));
    producer.errorNext(new TopicAuthorizationException("told by the test"));
    runNext();
    runNext();
    assertThat(producer.closed()).isFalse();
    assertThat(producer.history()).hasSize(3);
    assertThat(producer.history().getLast().value())
        .isEqualTo(producer.history().getFirst().value());
    // The mock counts an offset for what it refused too.
    inLog.add(logged(producer.history().getFirst()));
    producer.completeNext();
    producer.completeNext();
    // Two are written, and the gap before them is read.
    for (int i = 0; i < 3; i++) {
      runNext();
    }
    assertThat(durable).extracting(Vote::getBatch).containsExactly(4L, 3L);
  }

  @Test
  void thePauseGrowsWhileAVoteIsRefused() throws Exception {
    writer().write(PREPARED, ByteBuffer.allocate(0));
    long begunNanos = System.nanoTime();
    for (int refusals = 0; refusals < 2; refusals++) {
      producer.errorNext(new TopicAuthorizationException("told by the test"));
      runNext();
      runNext();
    }
    assertThat(producer.history()).hasSize(3);
    assertThat(Duration.ofNanos(System.nanoTime() - begunNanos))
        .isGreaterThanOrEqualTo(Duration.ofMillis(250 + 500));
  }

  @Test
  void aProducerThatThrowsMakesPlaceForAnother() throws Exception {
    MockProducer<byte[], byte[]> second = newProducer();
    VoteWriter writer = writer(List.of(producer, second));
    producer.sendException = new KafkaException("told by the test");
    writer.write(PREPARED, ByteBuffer.allocate(0));
    // In whatever order, after a pause: the other one has connected, the vote is to be repeated.
    runNext();
    runNext();
    assertThat(producer.closed()).isTrue();
    second.completeNext();
    runNext();
    assertThat(durable).hasSize(1);
  }

  @Test
  void whatEndsTheThreadThatConnectsEndsTheProcess() throws Exception {
    BlockingQueue<Throwable> halted = new LinkedBlockingQueue<>();
    var bug = new IllegalStateException("told by the test");
    var writer =
        new VoteWriter(
            new SealedBlocks().setup(halted::add),
            log(),
            () -> {
              throw bug;
            },
            0,
            partition::add,
            (vote, offset) -> {});
    writer.connect();
    assertThat(halted.take()).isSameAs(bug);
  }

  /** Whoever recovers the partition after that reads the log anew. */
  @Test
  void whatIsWrittenAfterTheEndIsNotReported() throws Exception {
    VoteWriter writer = writer();
    writer.write(PREPARED, ByteBuffer.allocate(0));
    producer.completeNext();
    writer.close();
    runNext();
    assertThat(durable).isEmpty();
  }

  /** So they answer a retry of what they have taken before, if that is some time ago. */
  @Test
  void aWriteThatBrokersTookWithoutAnOffsetIsRepeated() throws Exception {
    var silent =
        new MockProducer<byte[], byte[]>(
            false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized Future<RecordMetadata> send(
              ProducerRecord<byte[], byte[]> vote, Callback callback) {
            return super.send(
                vote,
                (metadata, failure) ->
                    callback.onCompletion(new RecordMetadata(topic, -1, 0, -1, 0, 0), failure));
          }
        };
    writer(List.of(silent)).write(PREPARED, ByteBuffer.allocate(0));
    silent.completeNext();
    runNext();
    assertThat(durable).isEmpty();
    runNext();
    assertThat(silent.history()).hasSize(2);
  }

  @Test
  void anOlderProcessesVoteThatTheLogTookLateStands() throws Exception {
    VoteWriter writer = writer();
    late(PREPARED);
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    runNext();
    // The gap is read on a thread of its own, and its end comes back to this one.
    assertThatThrownBy(this::runNext).isInstanceOf(OtherVoteException.class);
    assertThat(durable).isEmpty();
  }

  /** The gap is seen by a vote on another attempt, and the own vote on that one comes later. */
  @Test
  void aLateVoteThatAnotherVotesGapShowedStandsToo() throws Exception {
    VoteWriter writer = writer();
    late(PREPARED);
    writer.write(OF_THE_BATCH_BEHIND, ByteBuffer.allocate(0));
    producer.completeNext();
    runNext();
    runNext();
    assertThat(durable).hasSize(1);
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    assertThatThrownBy(this::runNext).isInstanceOf(OtherVoteException.class);
    assertThat(durable).hasSize(1);
  }

  @Test
  void nothingIsReportedWhileAGapBeforeItIsRead() throws Exception {
    VoteWriter writer = writer();
    late(PREPARED);
    writer.write(OF_THE_BATCH_BEHIND, ByteBuffer.allocate(0));
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    producer.completeNext();
    // Both are written before what the gap holds comes from a thread of its own.
    Runnable first = partition.take();
    Runnable second = partition.take();
    first.run();
    second.run();
    assertThat(durable).isEmpty();
    assertThatThrownBy(this::runNext).isInstanceOf(OtherVoteException.class);
    assertThat(durable).extracting(Vote::getBatch).containsExactly(4L);
  }

  @Test
  void anOlderProcessesVoteOnTheSameThatSealsOthersStands() throws Exception {
    VoteWriter writer = writer();
    late(PREPARED);
    writer.write(PREPARED, ByteBuffer.wrap(new byte[] {1}));
    producer.completeNext();
    runNext();
    assertThatThrownBy(this::runNext).isInstanceOf(OtherVoteException.class);
    assertThat(durable).isEmpty();
  }

  @Test
  void aLateVoteIsKeptInMindWhileItsBatchMayBeVotedOn() throws Exception {
    VoteWriter writer = writer();
    late(PREPARED);
    for (int ahead = 0; ahead < Settings.BATCHES_IN_FLIGHT_MAX; ahead++) {
      writer.write(
          new Effect.PersistVote(
              PREPARED.batch() + ahead, 0, VoteKind.ABANDONED, PREPARED.cut(), PREPARED.outcome()),
          ByteBuffer.allocate(0));
      producer.completeNext();
      runNext();
      if (ahead == 0) {
        // What the gap holds.
        runNext();
      }
    }
    assertThat(durable).hasSize(Settings.BATCHES_IN_FLIGHT_MAX);
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    assertThatThrownBy(this::runNext).isInstanceOf(OtherVoteException.class);
  }

  @Test
  void aGapThatCannotBeReadIsReadAgain() throws Exception {
    lookUpsInVain = 1;
    VoteWriter writer = writer();
    late(ABANDONED);
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    runNext();
    runNext();
    assertThat(durable).hasSize(1);
    assertThat(onVirtualThread).as("none that others wait for").containsExactly(true, true);
  }

  @Test
  void theSameVoteTwiceIsOne() throws Exception {
    VoteWriter writer = writer();
    late(ABANDONED);
    writer.write(ABANDONED, ByteBuffer.allocate(0));
    producer.completeNext();
    runNext();
    runNext();
    assertThat(durable).hasSize(1);
  }

  /** Another process's vote takes the offset at which this one expects its own. */
  private void late(Effect.PersistVote wanted) throws InterruptedException {
    BlockingQueue<Runnable> elsewhere = new LinkedBlockingQueue<>();
    var other =
        new VoteWriter(setup, log(), () -> producer, 0, elsewhere::add, (vote, offset) -> {});
    other.write(wanted, ByteBuffer.allocate(0));
    other.connect();
    elsewhere.take().run();
    producer.completeNext();
    inLog.add(logged(producer.history().getFirst()));
  }

  private ConsumerRecord<byte[], byte[]> logged(ProducerRecord<byte[], byte[]> written) {
    return new ConsumerRecord<>(
        topic.topic(), topic.partition(), inLog.size(), written.key(), written.value());
  }
}
