package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.LogLines;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;

/** What a start makes of votes that retention has removed. */
class OwnLogTest {
  private static final int PARTITION = 1;
  private static final TopicPartition STATE = new TopicPartition("state", PARTITION);
  private static final TopicPartition VOTES = new TopicPartition("votes", PARTITION);
  private static final Digest ZERO = new Digest(new byte[32]);

  /** Where the state says that the votes begin which are still needed, and where they end. */
  private static final long FROM = 3;

  private static final long END = 10;

  static {
    RecordCodec.trustRecords();
  }

  private final SecureRandom random = new SecureRandom();
  private final List<Long> lost = new ArrayList<>();
  private final OwnLog log =
      new OwnLog(
          this::consumer,
          new AtRestBox(SymmetricKey.generate(random), random),
          STATE.topic(),
          VOTES.topic(),
          PARTITION,
          lost::add);
  private final Map<Long, byte[]> others = new HashMap<>();
  private long begin;
  private long nextBatch;

  private MockConsumer<byte[], byte[]> consumer() {
    var consumer = new MockConsumer<byte[], byte[]>("none");
    consumer.updateBeginningOffsets(Map.of(STATE, 0L, VOTES, begin));
    consumer.updateEndOffsets(Map.of(STATE, 1L, VOTES, END));
    PartitionState state =
        PartitionState.newBuilder(OwnLog.initial(1, PARTITION))
            .setNextBatch(nextBatch)
            .setNextOffsets(Map.of(OwnLog.VOTES, FROM))
            .build();
    consumer.schedulePollTask(() -> consumer.addRecord(record(STATE, 0, log.sealed(state))));
    consumer.schedulePollTask(
        () -> {
          for (long offset = begin; offset < END; offset++) {
            byte[] vote = others.getOrDefault(offset, vote(offset, 0, VoteKind.PREPARED));
            consumer.addRecord(record(VOTES, offset, vote));
          }
        });
    return consumer;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition at, long offset, byte[] value) {
    return new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[1], value);
  }

  private static byte[] vote(long batch, int attempt, VoteKind kind) {
    return RecordCodec.encode(
        Vote.newBuilder()
            .setProtocol(1)
            .setCharter(ZERO)
            .setAggregator("agg-1")
            .setPartition(PARTITION)
            .setBatch(batch)
            .setAttempt(attempt)
            .setKind(kind)
            .setCut(ZERO)
            .setOutcome(ZERO)
            .setSignature(new Signature(new byte[64]))
            .setSealed(ByteBuffer.allocate(0))
            .build());
  }

  /** Batches of the votes, each of which has its offset for its batch's number. */
  private List<Long> read() {
    OwnLog.Found found = log.read(1, 16);
    assertThat(found.nextVoteOffset()).isEqualTo(END);
    return found.votes().stream().map(Vote::getBatch).toList();
  }

  @Test
  void votesThatAreThereAreRead() {
    begin = FROM;
    assertThat(read()).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L);
    begin = 0;
    assertThat(read()).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(lost).isEmpty();
  }

  @Test
  void ofCommittedBatchesPreparedVotesAreReadIfTheyWereTheFirst() {
    begin = FROM;
    nextBatch = 5;
    others.put(3L, vote(4, 0, VoteKind.ABANDONED));
    others.put(4L, vote(4, 0, VoteKind.PREPARED));
    others.put(5L, vote(4, 1, VoteKind.PREPARED));
    others.put(6L, vote(5, 0, VoteKind.ABANDONED));
    assertThat(log.read(1, 16).votes())
        .extracting(vote -> vote.getBatch() + "/" + vote.getAttempt() + " " + vote.getKind())
        .containsExactly(
            "4/1 PREPARED", "5/0 ABANDONED", "7/0 PREPARED", "8/0 PREPARED", "9/0 PREPARED");
  }

  private static byte[] sealing(long batch, Digest cut) {
    Vote bare = RecordCodec.decode(Vote.class, vote(batch, 0, VoteKind.PREPARED));
    return RecordCodec.encode(
        Vote.newBuilder(bare).setCut(cut).setSealed(ByteBuffer.allocate(7)).build());
  }

  /** All of them together may be more than there is memory. */
  @Test
  void ofCommittedBatchesTheLastOnesVoteAloneKeepsWhatItSeals() {
    begin = FROM;
    nextBatch = 5;
    byte[] other = new byte[32];
    other[0] = 1;
    others.put(3L, sealing(3, new Digest(other)));
    others.put(4L, sealing(4, ZERO));
    others.put(5L, sealing(5, new Digest(other)));
    assertThat(log.read(1, 16).votes().subList(0, 3))
        .extracting(vote -> vote.getBatch() + ": " + vote.getSealed().remaining())
        .containsExactly("3: 0", "4: 7", "5: 7");
  }

  @Test
  void aSingleOneThatIsGoneIsTold() {
    begin = FROM + 1;
    try (var lines = new LogLines(OwnLog.class)) {
      assertThat(read()).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
      assertThat(lost).containsExactly(1L);
      assertThat(lines.only())
          .containsEntry("code", "CDT-620")
          .containsEntry("topic", "votes")
          .containsEntry("partition", PARTITION)
          .containsEntry("fromOffset", 3L)
          .containsEntry("beforeOffset", 4L)
          .containsKey("fix");
    }
  }

  @Test
  void whatIsGoneIsToldOnce() {
    begin = 5;
    read();
    read();
    assertThat(lost).containsExactly(2L);
    begin = END;
    assertThat(read()).isEmpty();
    assertThat(lost).containsExactly(2L, 5L);
  }

  @Test
  void aGapBetweenTwoVotesIsLookedIntoTheSameWay() {
    begin = 8;
    assertThat(log.votes(6, 6)).isEmpty();
    assertThat(lost).containsExactly(2L);
  }
}
