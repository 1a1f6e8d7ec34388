package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What becomes of commits when another process has had the partition meanwhile. */
class CommitterTest {
  private static final List<ProducerRecord<byte[], byte[]>> RECORDS =
      List.of(new ProducerRecord<>("cuts", new byte[1]));

  private final MockProducer<byte[], byte[]> first = producer();
  private final MockProducer<byte[], byte[]> second = producer();
  private final Queue<MockProducer<byte[], byte[]>> producers =
      new ArrayDeque<>(List.of(first, second));
  private long committedNextBatch;
  private boolean stands = true;

  private static MockProducer<byte[], byte[]> producer() {
    return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Committer committer() {
    return new Committer(producers::remove, () -> committedNextBatch, () -> stands);
  }

  @Test
  void whatAnotherCommittedIsNotCommittedAgainAndNothingBehindIt() throws Exception {
    Committer committer = committer();
    committer.commit(2, RECORDS);
    assertThat(first.history()).hasSize(1);
    first.fenceProducer();
    // The other process went on from what both had prepared.
    committedNextBatch = 5;
    assertThat(committer.commit(3, RECORDS)).isTrue();
    assertThat(committer.commit(4, RECORDS)).isTrue();
    assertThat(second.history()).isEmpty();
    assertThat(committer.commit(5, RECORDS)).isTrue();
    assertThat(second.history()).hasSize(1);
  }

  @Test
  void nobodyIsFencedOffByAProcessThatWasReplaced() throws Exception {
    Committer committer = committer();
    first.fenceProducer();
    stands = false;
    assertThat(committer.commit(0, RECORDS)).isFalse();
    assertThat(producers).containsExactly(second);
  }
}
