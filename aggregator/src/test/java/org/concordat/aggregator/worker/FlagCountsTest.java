package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.evaluate.FlagBudget;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.HeldSpan;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Opening;
import org.junit.jupiter.api.Test;

class FlagCountsTest {
  private static final int DAY = 20_000;
  private static final Digest ZERO = new Digest(new byte[32]);

  private final SealedBlocks blocks = new SealedBlocks();
  private final FlagCounts counts =
      new FlagCounts(blocks.charter, blocks.plan, SealedBlocks.PARTITION);
  private PartitionState state = stored(OwnLog.initial(1, SealedBlocks.PARTITION));

  private static PartitionState stored(PartitionState state) {
    return RecordCodec.decode(PartitionState.class, RecordCodec.encode(state));
  }

  private List<HeldNotice> commit(long day, Map<String, Long> opened, HeldSpan... held) {
    CutRecord cut = cut(day);
    var content = new PreparedContent(cut, List.of(), opened, List.of(held), null, null);
    List<HeldNotice> notices = counts.notices(state, content, "agg-1");
    PartitionState.Builder after =
        PartitionState.newBuilder(state)
            .setNextBatch(state.getNextBatch() + 1)
            .setNextSequences(Map.of("bank-a", state.getNextBatch() + 1));
    counts.apply(after, state, content);
    state = stored(after.build());
    return notices;
  }

  private CutRecord cut(long day) {
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(ZERO)
        .setPartition(SealedBlocks.PARTITION)
        .setBatch(state.getNextBatch())
        .setAttempt(0)
        .setEntries(List.of())
        .setSkips(List.of())
        .setHeaders(ZERO)
        .setRuleSet(ZERO)
        .setRuleSetVersion(1)
        .setPreviousCut(ZERO)
        .setCut(ZERO)
        .setCommitDay(day)
        .setAggregator("")
        .setCommittedMillis(0)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  private Opening.Opened opened(RecordKind kind, long sequence) {
    BlockGate gate = blocks.gate(blocks.openerInSession());
    byte[] block = blocks.block(kind, sequence, 3);
    return ((Admission.Accepted) gate.admit(SealedBlocks.BANK, 0, block)).block().opened();
  }

  @Test
  void historyHasNoFlagsToOpen() {
    FlagBudget budget =
        counts.budget(
            state, cut(DAY), List.of(opened(RecordKind.LIVE, 0), opened(RecordKind.HISTORY, 1)));
    assertThat(budget.owner(0)).isNotEqualTo(FlagBudget.NOBODY);
    assertThat(budget.owner(1)).isEqualTo(FlagBudget.NOBODY);
  }

  private FlagCounts countsOf(String... rules) {
    Plan of = blocks.plan;
    List<RuleOutput> outputs =
        Stream.of(rules)
            .map(rule -> new RuleOutput(rule, rule, true, 0, OptionalInt.empty(), 1, 0, List.of()))
            .toList();
    var plan =
        new Plan(
            of.ruleSet(),
            of.version(),
            of.hash(),
            of.contract(),
            of.contractVersion(),
            of.contractHash(),
            of.layout(),
            of.nodes(),
            outputs);
    return new FlagCounts(blocks.charter, plan, SealedBlocks.PARTITION);
  }

  /** A batch by some rules, each of which opens as many flags of bank-a as it may and asks for. */
  private Map<String, Long> score(long day, long asked, String... rules) {
    FlagCounts by = countsOf(rules);
    FlagBudget budget = by.budget(state, cut(day), List.of(opened(RecordKind.LIVE, 0)));
    Map<String, Long> flags = new HashMap<>();
    for (int output = 0; output < rules.length; output++) {
      flags.put("bank-a/" + rules[output], Math.min(asked, budget.left(output, 0)));
    }
    commit(day, by.counted(state, cut(day), flags));
    return flags;
  }

  private long cap() {
    return FlagCounts.cap(
        blocks.charter.caps().flagsPerBankAndDay(),
        blocks.charter.partitions(),
        SealedBlocks.PARTITION);
  }

  @Test
  void anotherNameIsNoOtherCap() {
    long most = Long.MAX_VALUE;
    score(DAY, 1, "a");
    assertThat(score(DAY, most, "b")).containsEntry("bank-a/b", cap() - 1);
    assertThat(score(DAY, most, "c")).containsEntry("bank-a/c", 0L);
    assertThat(score(DAY, most, "a"))
        .as("not for one that comes back")
        .containsEntry("bank-a/a", 0L);
    assertThat(score(DAY + 1, most, "a")).as("on the next day").containsEntry("bank-a/a", cap());
    assertThat(score(DAY + 2, most, "d"))
        .as("a change with the day")
        .containsEntry("bank-a/d", cap());
  }

  @Test
  void aRuleBesideTheOthersHasACapOfItsOwn() {
    long most = Long.MAX_VALUE;
    score(DAY, most, "a");
    assertThat(score(DAY, most, "a", "b"))
        .containsEntry("bank-a/a", 0L)
        .containsEntry("bank-a/b", cap());
    assertThat(score(DAY, most, "b")).containsEntry("bank-a/b", 0L);
    assertThat(score(DAY, most, "b", "c"))
        .as("a rule that takes the place of one that went before")
        .containsEntry("bank-a/c", 0L);
  }

  @Test
  void alertsOnEarlierRecordsAreCountedApart() {
    commit(
        DAY,
        countsOf("a").counted(state, cut(DAY), Map.of("bank-a/a", 1L, "bank-a/a/members", 7L)));
    commit(DAY, countsOf("a", "b").counted(state, cut(DAY), Map.of()));
    assertThat(state.getOpenedFlags())
        .as("a rule beside the one that has them")
        .doesNotContainKeys("bank-a/b", "bank-a/b/members");
    commit(DAY, countsOf("b", "c").counted(state, cut(DAY), Map.of()));
    assertThat(state.getOpenedFlags())
        .as("a rule that takes its place")
        .containsEntry("bank-a/c", 1L)
        .containsEntry("bank-a/c/members", 7L)
        .doesNotContainKeys("bank-a/b", "bank-a/b/members");
  }

  @Test
  void rulesThatStayKeepTheirCounts() {
    score(DAY, 1, "a", "b");
    assertThat(score(DAY, 2, "b", "c")).containsEntry("bank-a/b", 2L).containsEntry("bank-a/c", 2L);
    assertThat(state.getOpenedFlags())
        .containsEntry("bank-a/b", 3L)
        .as("with what the rule that went had")
        .containsEntry("bank-a/c", 3L);
  }

  @Test
  void whoLacksTheRuleSetCountsAlike() {
    score(DAY, 1, "a");
    FlagCounts other = countsOf("b");
    var content = other.counted(state, cut(DAY), Map.of("bank-a/b", 1L));
    commit(DAY, content);
    assertThat(state.getOpenedFlags())
        .isEqualTo(Map.of("bank-a/a", 1L, "bank-a/b", 2L, "#rule/b", 0L));
  }

  private static HeldSpan span(long sequence, int row, long rows) {
    return new HeldSpan("bank-a", "large", sequence, row, rows);
  }

  @Test
  void partitionsShareTheCap() {
    assertThat(List.of(FlagCounts.cap(10, 4, 0), FlagCounts.cap(10, 4, 1))).containsExactly(3L, 3L);
    assertThat(List.of(FlagCounts.cap(10, 4, 2), FlagCounts.cap(10, 4, 3))).containsExactly(2L, 2L);
    assertThat(FlagCounts.cap(1, 4, 3)).isZero();
  }

  @Test
  void countsAddUpOverADayAndBeginAgainOnTheNext() {
    commit(DAY, Map.of("bank-a/large", 2L));
    commit(DAY, Map.of("bank-a/large", 1L, "bank-b/large", 5L));
    assertThat(state.getOpenedFlags()).isEqualTo(Map.of("bank-a/large", 3L, "bank-b/large", 5L));
    commit(DAY + 1, Map.of("bank-b/large", 1L));
    assertThat(state.getOpenedFlags()).isEqualTo(Map.of("bank-b/large", 1L));
  }

  @Test
  void aClockThatGoesBackGivesNoSecondCap() {
    commit(DAY, Map.of("bank-a/large", 2L));
    commit(DAY - 1, Map.of("bank-a/large", 1L));
    assertThat(state.getFlagDay()).isEqualTo(DAY);
    assertThat(state.getOpenedFlags()).isEqualTo(Map.of("bank-a/large", 3L));
  }

  @Test
  void aBankIsToldWhenItsCapIsReachedAndWhatWasHeldWhenTheDayHasEnded() {
    assertThat(commit(DAY, Map.of("bank-a/large", 3L))).isEmpty();
    List<HeldNotice> reached = commit(DAY, Map.of(), span(1, 7, 10));
    assertThat(reached).hasSize(1);
    assertThat(reached.getFirst())
        .returns("large", HeldNotice::getRule)
        .returns((long) DAY, HeldNotice::getDay)
        .returns(1L, HeldNotice::getFirstSequence)
        .returns(7, HeldNotice::getFirstRow)
        .returns(10L, HeldNotice::getRows)
        .returns(0L, HeldNotice::getNextSequence);
    assertThat(commit(DAY, Map.of(), span(2, 0, 30))).as("said once").isEmpty();
    List<HeldNotice> ended = commit(DAY + 1, Map.of(), span(3, 0, 4));
    assertThat(ended).hasSize(2);
    assertThat(ended.getFirst())
        .returns((long) DAY, HeldNotice::getDay)
        .returns(1L, HeldNotice::getFirstSequence)
        .returns(40L, HeldNotice::getRows)
        .returns(3L, HeldNotice::getNextSequence);
    assertThat(ended.getLast())
        .returns(DAY + 1L, HeldNotice::getDay)
        .returns(4L, HeldNotice::getRows);
    assertThat(state.getHeld()).containsExactly(span(3, 0, 4));
  }
}
