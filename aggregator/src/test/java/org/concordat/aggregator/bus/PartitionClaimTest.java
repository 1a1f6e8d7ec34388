package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may go on with a partition when several processes hold it to be theirs. */
@Timeout(60)
class PartitionClaimTest {
  private static final String TOPIC = "workers";
  private static final int ME = 0;
  private static final int PARTITION = 2;
  private static final Worker OTHER = new Worker("w9", 4, "other:1");

  private final TestFleet fleet = new TestFleet();
  private final WorkerDirectory directory = new WorkerDirectory(fleet.charter);
  private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
  private final AtomicLong committedNextBatch = new AtomicLong();
  private MockConsumer<byte[], byte[]> topic = new MockConsumer<>("earliest");
  private DirectoryReader reader = reader(true);
  private boolean hidden;

  private DirectoryReader reader(boolean there) {
    topic = new MockConsumer<>("earliest");
    var at = new TopicPartition(TOPIC, 0);
    topic.updatePartitions(
        TOPIC, there ? List.of(new PartitionInfo(TOPIC, 0, Node.noNode(), null, null)) : List.of());
    topic.updateBeginningOffsets(Map.of(at, 0L));
    topic.updateEndOffsets(Map.of(at, 0L));
    return new DirectoryReader(this::consumer, TOPIC, directory, () -> {});
  }

  private Consumer<byte[], byte[]> consumer() {
    return topic;
  }

  private PartitionClaim claim(String name, String address) {
    return new PartitionClaim(
        reader,
        directory,
        TOPIC,
        fleet.charter,
        TestFleet.NAMES.get(ME),
        PARTITION,
        fleet.key(ME),
        name,
        address);
  }

  private Committer committer(PartitionClaim claim) {
    return new Committer(
        () -> {
          var producer = new Directed();
          producers.add(producer);
          return producer;
        },
        committedNextBatch::get,
        claim::stands);
  }

  /** What is committed to the topic of workers can be read, unless it is hidden. */
  private final class Directed extends MockProducer<byte[], byte[]> {
    Directed() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void commitTransaction() {
      super.commitTransaction();
      if (!hidden) {
        history().stream()
            .filter(record -> record.topic().equals(TOPIC))
            .forEach(record -> directory.take(record.value()));
      }
    }
  }

  /** As another process would have it written. */
  private void elsewhere(Worker worker) {
    directory.take(fleet.entry(ME, PARTITION, worker));
  }

  @AfterEach
  void close() throws Exception {
    reader.close();
  }

  @Test
  void aWorkerTellsItsPeersUnderALaterTermThanTheLast() {
    reader.start();
    elsewhere(OTHER);
    PartitionClaim claim = claim("w1", "here:1");
    assertThat(claim.superseded()).as("before it is staked").isFalse();
    claim.stake(committer(claim));
    assertThat(claim.own()).isEqualTo(new Worker("w1", 5, "here:1"));
    ProducerRecord<byte[], byte[]> written = producers.getFirst().history().getFirst();
    directory.take(written.value());
    assertThat(directory.worker(ME, PARTITION)).isEqualTo(claim.own());
    assertThat(claim.stands()).isTrue();
  }

  /** Behind somebody's open transaction there may be another's entry of the same term. */
  @Test
  void anEntryThatCannotBeReadIsNoneYet() {
    reader.start();
    PartitionClaim claim = claim("w1", "here:1");
    Committer committer = committer(claim);
    hidden = true;
    assertThatThrownBy(() -> claim.stake(committer)).isInstanceOf(KafkaException.class);
    elsewhere(new Worker("w2", 1, "there:1"));
    hidden = false;
    claim.stake(committer);
    assertThat(claim.own().term()).isEqualTo(2);
  }

  @Test
  void whoFencedItOffLaterHasIt() throws Exception {
    reader.start();
    PartitionClaim claim = claim("w1", "here:1");
    Committer committer = committer(claim);
    claim.stake(committer);
    directory.take(producers.getFirst().history().getFirst().value());
    elsewhere(OTHER);
    assertThat(claim.superseded()).isTrue();
    producers.getFirst().fenceProducer();
    assertThat(committer.commit(0, List.of(batch()))).isFalse();
    assertThat(producers).as("it doesn't fence off its successor").hasSize(1);
  }

  @Test
  void whoWasFencedOffButHasItYetGoesOn() throws Exception {
    reader.start();
    PartitionClaim claim = claim("w1", "here:1");
    Committer committer = committer(claim);
    claim.stake(committer);
    producers.getFirst().fenceProducer();
    assertThat(committer.commit(0, List.of(batch()))).isTrue();
    assertThat(producers).hasSize(2);
    assertThat(producers.getLast().history()).hasSize(1);
  }

  @Test
  void aCommitThatArrivedAfterAllIsNotRepeated() throws Exception {
    reader.start();
    PartitionClaim claim = claim("w1", "here:1");
    Committer committer = committer(claim);
    claim.stake(committer);
    producers.getFirst().fenceProducer();
    committedNextBatch.set(1);
    assertThat(committer.commit(0, List.of(batch()))).isTrue();
    assertThat(producers.getLast().history()).isEmpty();
  }

  @Test
  void aSingleProcessWritesNothingUnlessItFollowsWorkers() {
    reader.start();
    PartitionClaim alone = claim("", "");
    alone.stake(committer(alone));
    assertThat(producers.getFirst().history()).isEmpty();
    assertThat(alone.own().isAlone()).isTrue();

    elsewhere(OTHER);
    PartitionClaim after = claim("", "");
    after.stake(committer(after));
    assertThat(after.own()).isEqualTo(new Worker("", 5, ""));
    directory.take(producers.getLast().history().getFirst().value());
    assertThat(directory.worker(ME, PARTITION).isAlone()).isTrue();
    assertThat(after.stands()).isTrue();
  }

  @Test
  void withoutTheTopicASingleProcessWorksAndAWorkerDoesNot() {
    reader = reader(false);
    reader.start();
    PartitionClaim alone = claim("", "");
    alone.stake(committer(alone));
    assertThat(alone.stands()).isTrue();
    PartitionClaim worker = claim("w1", "here:1");
    Committer committer = committer(worker);
    assertThatThrownBy(() -> worker.stake(committer)).isInstanceOf(KafkaException.class);
  }

  @Test
  void theReaderTakesWhatWasWrittenBeforeItIsAsked() {
    var at = new TopicPartition(TOPIC, 0);
    topic.schedulePollTask(
        () ->
            topic.addRecord(
                new ConsumerRecord<>(TOPIC, 0, 0, new byte[1], fleet.entry(1, 0, OTHER))));
    topic.updateEndOffsets(Map.of(at, 1L));
    reader.start();
    assertThat(reader.catchUp()).isTrue();
    assertThat(directory.worker(1, 0)).isEqualTo(OTHER);
  }

  private static ProducerRecord<byte[], byte[]> batch() {
    return new ProducerRecord<>("state", 0, new byte[1], new byte[1]);
  }
}
