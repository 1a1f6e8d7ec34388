package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.concordat.aggregator.batch.BatchMachine;
import org.concordat.aggregator.batch.Effect;
import org.concordat.aggregator.batch.Event;
import org.concordat.aggregator.batch.Progress;
import org.concordat.aggregator.batch.RuleSetId;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Receipt;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.record.Vote;
import org.concordat.schemas.record.VoteKind;
import org.concordat.schemas.seal.AtRestBox;
import org.junit.jupiter.api.Test;

/** What a batch writes of skips, and what the state tells a start of what scored last. */
class CommitsTest {
  private static final Digest ZERO = new Digest(new byte[32]);
  private static final RuleSetId SECOND = new RuleSetId(digest(2), 2);
  private static final RuleSetId THIRD = new RuleSetId(digest(3), 3);

  private final PartitionSetup setup = new SealedBlocks().setup();
  private final SecureRandom random = new SecureRandom();
  private final AtRestBox box = new AtRestBox(SymmetricKey.generate(random), random);
  private final OwnLog log = new OwnLog(CommitsTest::none, box, "state", "votes", 0, lost -> {});
  private final Commits commits =
      new Commits(
          setup,
          log,
          new LinkLog(
              CommitsTest::none, records -> {}, (of, before) -> {}, box, "links", "snapshots", 0));
  private final BlockShelf shelf = new BlockShelf(setup.settings().banks(), Map.of());

  private static <T> T none() {
    throw new AssertionError("No topic is read.");
  }

  private static Digest digest(int fill) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) fill;
    return new Digest(bytes);
  }

  private static PreparedContent batch(PartitionState before, RuleSetId by) {
    CutRecord cut =
        CutRecord.newBuilder()
            .setProtocol(1)
            .setCharter(ZERO)
            .setPartition(before.getPartition())
            .setBatch(before.getNextBatch())
            .setAttempt(0)
            .setEntries(List.of())
            .setSkips(List.of())
            .setHeaders(ZERO)
            .setRuleSet(by.hash())
            .setRuleSetVersion(by.version())
            .setPreviousCut(before.getPreviousCut())
            .setCut(digest(100 + (int) before.getNextBatch()))
            .setCommitDay(20_000)
            .setAggregator("")
            .setCommittedMillis(0)
            .setSignature(new Signature(new byte[64]))
            .build();
    return new PreparedContent(cut, List.of(), Map.of(), List.of(), null, null);
  }

  private PartitionState committed(PartitionState before, RuleSetId by) {
    PartitionState after = commits.stateAfter(before, batch(before, by), shelf);
    return RecordCodec.decode(PartitionState.class, RecordCodec.encode(after));
  }

  private PartitionState initial() {
    return OwnLog.initial(1, setup.partition());
  }

  @Test
  void whichRuleSetScoredIsKnownWhenItsVotesAreGone() {
    PartitionState state = committed(initial(), SECOND);
    Progress progress = commits.progress(state, List.of());
    assertThat(progress.ruleSet()).isEqualTo(SECOND);
    assertThat(setup.scorings().isInForce(SECOND.hash())).isTrue();
    var machine = new BatchMachine(setup.settings(), progress);
    List<Effect> effects = machine.step(new Event.Recovered(List.of(), List.of()));
    assertThat(effects).hasSize(1);
    assertThat(effects.getFirst())
        .isInstanceOfSatisfying(
            Effect.Alarm.class, alarm -> assertThat(alarm.code()).isEqualTo(Code.CDT_614));
  }

  @Test
  void aSkippedRangeHasOneReceipt() {
    long far = 1L << 60;
    PartitionState before = initial();
    CutRecord cut =
        CutRecord.newBuilder(batch(before, SECOND).getCut())
            .setEntries(List.of(new CutEntry(SealedBlocks.BANK, 0L, far, 0, 0L)))
            .setSkips(List.of(new Skip(SealedBlocks.BANK, 0L, far, "CDT-601", List.of("agg-1"))))
            .build();
    var content = new PreparedContent(cut, List.of(), Map.of(), List.of(), null, null);
    PartitionState after = commits.stateAfter(before, content, shelf);
    assertThat(after.getNextSequences()).containsEntry(SealedBlocks.BANK, far);
    List<Receipt> receipts =
        commits.records(before, content, after).stream()
            .filter(record -> record.topic().equals(setup.topics().receipts(SealedBlocks.BANK)))
            .map(record -> RecordCodec.decode(Receipt.class, record.value()))
            .toList();
    assertThat(receipts).hasSize(1);
    assertThat(receipts.getFirst().getSequence()).isZero();
    assertThat(receipts.getFirst().getNextSequence()).isEqualTo(far);
    assertThat(receipts.getFirst().getReason()).isEqualTo("CDT-601");
  }

  @Test
  void theStateNamesOneRuleSet() {
    PartitionState state = committed(committed(initial(), SECOND), THIRD);
    assertThat(RuleSetId.in(state.getNextOffsets())).containsExactly(THIRD);
    assertThat(state.getNextOffsets()).containsKey(SealedBlocks.BANK);
  }

  @Test
  void whereTheStateNamesNoneOrAnEarlierOneTheVoteDoes() {
    assertThat(commits.progress(initial(), List.of()).ruleSet()).isEqualTo(RuleSetId.NONE);
    PartitionState before = committed(initial(), SECOND);
    PreparedContent content = batch(before, THIRD);
    // An earlier release takes over what it doesn't know.
    PartitionState state =
        PartitionState.newBuilder(committed(before, THIRD))
            .setNextOffsets(before.getNextOffsets())
            .build();
    Vote vote =
        Vote.newBuilder()
            .setProtocol(1)
            .setCharter(ZERO)
            .setAggregator("agg-1")
            .setPartition(0)
            .setBatch(1)
            .setAttempt(0)
            .setKind(VoteKind.PREPARED)
            .setCut(content.getCut().getCut())
            .setOutcome(ZERO)
            .setSignature(new Signature(new byte[64]))
            .setSealed(ByteBuffer.wrap(log.sealed(content)))
            .build();
    assertThat(commits.progress(state, List.of(vote)).ruleSet()).isEqualTo(THIRD);
  }
}
