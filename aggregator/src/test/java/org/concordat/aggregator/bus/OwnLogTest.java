package org.concordat.aggregator.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
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
  private long begin;

  private MockConsumer<byte[], byte[]> consumer() {
    var consumer = new MockConsumer<byte[], byte[]>("none");
    consumer.updateBeginningOffsets(Map.of(STATE, 0L, VOTES, begin));
    consumer.updateEndOffsets(Map.of(STATE, 1L, VOTES, END));
    PartitionState state =
        PartitionState.newBuilder(OwnLog.initial(1, PARTITION))
            .setNextOffsets(Map.of(OwnLog.VOTES, FROM))
            .build();
    consumer.schedulePollTask(() -> consumer.addRecord(record(STATE, 0, log.sealed(state))));
    consumer.schedulePollTask(
        () -> {
          for (long offset = begin; offset < END; offset++) {
            consumer.addRecord(record(VOTES, offset, vote(offset)));
          }
        });
    return consumer;
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition at, long offset, byte[] value) {
    return new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[1], value);
  }

  /** On a batch whose number is its offset. */
  private static byte[] vote(long offset) {
    return RecordCodec.encode(
        Vote.newBuilder()
            .setProtocol(1)
            .setCharter(ZERO)
            .setAggregator("agg-1")
            .setPartition(PARTITION)
            .setBatch(offset)
            .setAttempt(0)
            .setKind(VoteKind.PREPARED)
            .setCut(ZERO)
            .setOutcome(ZERO)
            .setSignature(new Signature(new byte[64]))
            .setSealed(ByteBuffer.allocate(0))
            .build());
  }

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
