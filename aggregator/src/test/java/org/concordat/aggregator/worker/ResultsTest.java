package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.record.PreparedContent;
import org.concordat.schemas.record.Signature;
import org.junit.jupiter.api.Test;

/** What is kept of computed attempts, how long, and what those behind them wait for. */
class ResultsTest {
  private final Results results = new Results();
  private final PartitionState state = OwnLog.initial(1, 0);

  private static CutRecord cut(long batch) {
    byte[] hash = new byte[32];
    hash[0] = (byte) (batch + 1);
    var zero = new Digest(new byte[32]);
    return CutRecord.newBuilder()
        .setProtocol(1)
        .setCharter(zero)
        .setPartition(0)
        .setBatch(batch)
        .setAttempt(0)
        .setEntries(List.of())
        .setSkips(List.of())
        .setHeaders(zero)
        .setRuleSet(zero)
        .setRuleSetVersion(1)
        .setPreviousCut(zero)
        .setCut(new Digest(hash))
        .setCommitDay(0)
        .setAggregator("")
        .setCommittedMillis(0)
        .setSignature(new Signature(new byte[64]))
        .build();
  }

  private Computation.Result result(CutRecord cut) {
    return new Computation.Result(
        cut.getCut(),
        new PreparedContent(cut, List.of(), Map.of(), List.of(), null, null),
        Map.of("rule", 1),
        MemberCounts.NONE,
        state);
  }

  @Test
  void whatIsComputedIsKeptUntilItsBatchIsCommitted() {
    for (long batch = 0; batch < 3; batch++) {
      results.expect(cut(batch));
      results.computed(result(cut(batch)));
    }
    results.committed(1);
    assertThat(results.size()).isEqualTo(1);
    assertThat(results.content(cut(2).getCut()).getCut()).isEqualTo(cut(2));
    assertThat(results.flags(cut(2).getCut())).isEqualTo(Map.of("rule", 1));
    assertThatThrownBy(() -> results.content(cut(1).getCut()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theBatchBehindGetsTheStateOnceItIsThere() {
    results.expect(cut(0));
    CompletableFuture<PartitionState> after = results.after(cut(0).getCut());
    assertThat(after).isNotDone();
    results.computed(result(cut(0)));
    assertThat(after).isCompletedWithValue(state);
  }

  @Test
  void anAbandonedAttemptEndsTheWaitAndItsLateResultIsDropped() {
    results.expect(cut(0));
    CompletableFuture<PartitionState> after = results.after(cut(0).getCut());
    results.abandon(cut(0).getCut());
    assertThat(after).isCompletedExceptionally();
    results.computed(result(cut(0)));
    assertThat(results.size()).isZero();
  }
}
