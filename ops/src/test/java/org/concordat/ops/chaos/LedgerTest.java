package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;

/** What fell between prepare and commit, and when scoring went on. */
class LedgerTest {
  private static final List<String> ALL = List.of("agg-1", "agg-2", "agg-3");

  private final Ledger ledger = new Ledger(ALL);

  private static Digest cut(int number) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) number;
    return new Digest(bytes);
  }

  private void commit(int number, long millis, String bank) {
    ALL.forEach(name -> ledger.committed(name, cut(number), millis, Map.of(bank, 5L)));
  }

  @Test
  void betweenIsAfterTheVoteWasReadAndBeforeTheSamePartyWroteTheCut() {
    ledger.voted("agg-1", cut(1), 100, 110);
    ledger.voted("agg-2", cut(1), 100, 180);
    ledger.committed("agg-1", cut(1), 150, Map.of("bank-a", 5L));
    ledger.committed("agg-2", cut(1), 200, Map.of("bank-a", 5L));

    assertThat(ledger.isBetween(0, Set.of("agg-1"), 110, 149)).isTrue();
    assertThat(ledger.isBetween(0, Set.of("agg-1"), 109, 149)).isFalse();
    assertThat(ledger.isBetween(0, Set.of("agg-1"), 110, 150)).isFalse();
    assertThat(ledger.isBetween(0, Set.of("agg-2"), 120, 130)).isFalse();
    assertThat(ledger.isBetween(0, Set.of("agg-1", "agg-2"), 185, 190)).isTrue();
    assertThat(ledger.isBetween(1, Set.of("agg-1"), 110, 149)).isFalse();
  }

  @Test
  void aCutThatIsWrittenOnceMoreWasCommittedBefore() {
    ledger.voted("agg-1", cut(1), 100, 110);
    ledger.committed("agg-1", cut(1), 150, Map.of("bank-a", 5L));
    ledger.committed("agg-1", cut(1), 400, Map.of("bank-a", 5L));
    assertThat(ledger.isBetween(0, Set.of("agg-1"), 200, 210)).isFalse();
    assertThat(ledger.isBetween(0, Set.of("agg-1"), 120, 130)).isTrue();
  }

  @Test
  void whatIsNeverCommittedCountsForNothing() {
    ledger.voted("agg-1", cut(1), 100, 110);
    assertThat(ledger.isBetween(0, Set.of("agg-1"), 120, 130)).isFalse();
    assertThat(ledger.rowsBySecond()).isEmpty();
  }

  @Test
  void scoringGoesOnWithABatchThatAllPreparedLaterAndCommitted() {
    ledger.voted("agg-1", cut(1), 900, 900);
    ledger.voted("agg-2", cut(1), 1_100, 1_100);
    ledger.voted("agg-3", cut(1), 1_100, 1_100);
    commit(1, 1_200, "bank-a");
    assertThat(ledger.scoredAgain(0, 1_000)).isZero();

    ALL.forEach(name -> ledger.voted(name, cut(2), 1_300, 1_300));
    ledger.committed("agg-1", cut(2), 1_400, Map.of("bank-a", 5L));
    assertThat(ledger.scoredAgain(0, 1_000)).isZero();
    commit(2, 1_500, "bank-a");
    assertThat(ledger.scoredAgain(0, 1_000)).isEqualTo(1_500);
  }

  /** Seven rows of bank-a had come when its agent was back, of which five were on the bus. */
  @Test
  void anAgentScoresAgainWithARowThatCameOnlyThen() {
    ALL.forEach(name -> ledger.voted(name, cut(1), 1_100, 1_100));
    commit(1, 1_200, "bank-a");
    assertThat(ledger.scoredAgain(0, 1_000)).isEqualTo(1_200);
    assertThat(ledger.scoredAgain(0, 1_000, "bank-a", 7)).isZero();
    // The same cut once more, and another bank's.
    commit(1, 1_250, "bank-a");
    ALL.forEach(name -> ledger.voted(name, cut(2), 1_300, 1_300));
    commit(2, 1_400, "bank-b");
    assertThat(ledger.scoredAgain(0, 1_000, "bank-a", 7)).isZero();

    ALL.forEach(name -> ledger.voted(name, cut(3), 8_000, 8_000));
    ledger.committed("agg-1", cut(3), 8_100, Map.of("bank-a", 5L));
    assertThat(ledger.scoredAgain(0, 1_000, "bank-a", 7)).isZero();
    commit(3, 8_200, "bank-a");
    assertThat(ledger.scoredAgain(0, 1_000, "bank-a", 7)).isEqualTo(8_200);
    assertThat(ledger.scoredAgain(0, 1_000, "bank-a", 10)).isZero();
    assertThat(ledger.scoredAgain(0, 1_000, "bank-b", 4)).isEqualTo(1_400);
  }

  @Test
  void anEmptyBatchScoresNothing() {
    ALL.forEach(name -> ledger.voted(name, cut(1), 1_300, 1_300));
    ALL.forEach(name -> ledger.committed(name, cut(1), 1_400, Map.of()));
    assertThat(ledger.scoredAgain(0, 1_000)).isZero();
  }

  @Test
  void rowsCountInTheSecondInWhichASecondPartyCommits() {
    ledger.committed("agg-1", cut(1), 1_900, Map.of("bank-a", 2L, "bank-b", 3L));
    assertThat(ledger.rowsBySecond()).isEmpty();
    ledger.committed("agg-3", cut(1), 2_100, Map.of("bank-a", 2L, "bank-b", 3L));
    assertThat(ledger.rowsBySecond()).isEqualTo(Map.of(2L, 5L));
    ledger.committed("agg-2", cut(1), 3_100, Map.of("bank-a", 2L, "bank-b", 3L));
    assertThat(ledger.rowsBySecond()).isEqualTo(Map.of(2L, 5L));
  }

  @Test
  void aVoteThatIsWaitedForIsANewOne() throws Exception {
    ledger.voted("agg-1", cut(1), 100, 110);
    assertThat(ledger.awaitPrepared(Set.of("agg-1"), Duration.ofMillis(1))).isFalse();
    Thread other = Thread.ofVirtual().start(() -> ledger.voted("agg-1", cut(2), 100, 110));
    assertThat(ledger.awaitPrepared(Set.of("agg-2"), Duration.ofMillis(1))).isFalse();
    other.join();
  }

  @Test
  void aVoteThatComesMeanwhileIsFoundAtOnce() throws Exception {
    FutureTask<Boolean> prepared =
        new FutureTask<>(() -> ledger.awaitPrepared(Set.of("agg-1"), Duration.ofMinutes(5)));
    Thread waiting = Thread.ofPlatform().start(prepared);
    // It knows which cuts are older, and lets others write.
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    ledger.voted("agg-2", cut(1), 100, 110);
    ledger.voted("agg-1", cut(2), 100, 110);
    assertThat(prepared.get(1, TimeUnit.MINUTES)).isTrue();
  }
}
