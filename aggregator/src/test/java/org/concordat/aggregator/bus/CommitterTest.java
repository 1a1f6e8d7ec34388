package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What becomes of commits when another process has had the partition meanwhile. */
class CommitterTest {
  private static final List<ProducerRecord<byte[], byte[]>> RECORDS =
      List.of(new ProducerRecord<>("cuts", new byte[1]));

  private final MockProducer<byte[], byte[]> first = new Slow();
  private final MockProducer<byte[], byte[]> second = new Slow();
  private final Queue<MockProducer<byte[], byte[]>> producers =
      new ArrayDeque<>(List.of(first, second));
  private long committedNextBatch;
  private boolean stands = true;

  /** Commits that brokers don't answer in time. */
  private int unanswered;

  /** As Kafka's: what wasn't answered goes on, and is waited for when it is asked for again. */
  private final class Slow extends MockProducer<byte[], byte[]> {
    Slow() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void commitTransaction() {
      if (unanswered > 0) {
        unanswered--;
        throw new TimeoutException("told by the test");
      }
      super.commitTransaction();
    }
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

  @Test
  void aCommitThatIsAnsweredLateIsWaitedForAtTheSameProducer() throws Exception {
    Committer committer = committer();
    unanswered = Committer.ASKED_MAX - 1;
    assertThat(committer.commit(0, RECORDS)).isTrue();
    assertThat(first.history()).hasSize(1);
    assertThat(first.closed()).isFalse();
    assertThat(producers).as("nobody is fenced off for brokers that were away").hasSize(1);
    assertThat(committer.commit(1, RECORDS)).isTrue();
    assertThat(first.history()).hasSize(2);
  }

  @Test
  void aCommitThatIsNotAnsweredForLongIsSettledByAnotherProducer() throws Exception {
    Committer committer = committer();
    unanswered = Committer.ASKED_MAX;
    assertThat(committer.commit(0, RECORDS)).isTrue();
    assertThat(first.history()).isEmpty();
    assertThat(first.closed()).isTrue();
    assertThat(second.history()).hasSize(1);
  }

  @Test
  void nobodyWaitsForALateAnswerOnceThePartitionIsGivenUp() {
    Committer committer = committer();
    unanswered = 1;
    committer.stop();
    assertThatThrownBy(() -> committer.commit(0, RECORDS)).isInstanceOf(InterruptedException.class);
    assertThat(first.history()).isEmpty();
  }
}
