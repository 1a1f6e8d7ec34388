package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.concordat.agent.TestConsortium.entry;
import static org.concordat.agent.TestConsortium.skip;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.encode.BlockBuilder;
import org.concordat.agent.encode.BlockFormat;
import org.concordat.agent.encode.KeyDirectory;
import org.concordat.agent.encode.NoBrokers;
import org.concordat.agent.encode.SealingSessions;
import org.concordat.agent.encode.SeenRows;
import org.concordat.agent.encode.Spooler;
import org.concordat.agent.encode.TestBlocks;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutLedgerTest {
  private static final List<Skip> NO_SKIPS = List.of();

  @TempDir Path data;

  private final TestConsortium consortium = new TestConsortium(2);
  private AgentStore store;
  private CutLedger ledger;
  private long millis;
  private LongSupplier clock = () -> millis;
  private long offset;

  @BeforeEach
  void open() throws InterruptedException {
    store = TestStores.open(data);
    Spooler spooler = spooler();
    for (int sequence = 0; sequence < 4; sequence++) {
      TestBlocks.spool(
          spooler, 1, TestStores.row(2 * sequence, 0), TestStores.row(2 * sequence + 1, 0));
    }
    ledger = ledger();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Spooler spooler() {
    var directory = new KeyDirectory(consortium.charter, store, () -> 0);
    for (int i = 0; i < 3; i++) {
      directory.record(consortium.key(i, 0, 10));
    }
    var random = new SecureRandom();
    var sessions =
        new SealingSessions(
            consortium.charter, TestConsortium.BANK, consortium.bankKey, store, directory, random);
    var layout = new ShareLayout(java.util.Collections.nCopies(4, ShareField.arithmetic()));
    return new Spooler(
        store,
        new BlockFormat("payments", 1, new byte[32], layout),
        sessions,
        new BlockBuilder(2, 10, 0, System::nanoTime),
        new SeenRows(store),
        new NoBrokers(true),
        random);
  }

  private CutLedger ledger() {
    return new CutLedger(
        consortium.charter,
        TestConsortium.BANK,
        store,
        spooler(),
        new CatchUp(store, 2),
        () -> clock.getAsLong(),
        Duration.ofSeconds(10),
        () -> {});
  }

  private void take(byte[] record) throws InterruptedException {
    ledger.record(1, offset++, record);
  }

  private List<Long> unscored() {
    return store.unscored().stream().map(block -> block.position().sequence()).toList();
  }

  @Test
  void twoThatAgreeMakeACutAFact() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(0L, 1L, 2L, 3L);
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isEqualTo(4);
    take(consortium.cut(2, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isEqualTo(4);
  }

  @Test
  void aRowIsInTimeUpToTheLimit() throws InterruptedException {
    millis = 10_000;
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(store.tally(Tally.SCORED_IN_TIME)).isEqualTo(4);
    millis = 10_001;
    take(consortium.cut(0, 1, 1, List.of(entry(2, 4)), NO_SKIPS));
    take(consortium.cut(1, 1, 1, List.of(entry(2, 4)), NO_SKIPS));
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isEqualTo(8);
    assertThat(store.tally(Tally.SCORED_IN_TIME)).isEqualTo(4);
  }

  @Test
  void oneThatRepeatsItselfIsNotTwo() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).hasSize(4);
  }

  @Test
  void twoThatDisagreeAreOutvotedByTheThird() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 4)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    assertThat(unscored()).hasSize(4);
    take(consortium.cut(2, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    assertThat(unscored()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aForgedCutIsNothing() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 4)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 4)), NO_SKIPS, consortium.aggregatorKeys.get(0)));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 4)), NO_SKIPS, consortium.bankKey));
    take(new byte[] {9});
    assertThat(unscored()).hasSize(4);
  }

  @Test
  void aRecordWithoutAValueIsNothingAndIsPassed() throws InterruptedException {
    take(null);
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(ledger().start(1)).contains(3L);
  }

  @Test
  void otherPartitionsAreLeftAlone() throws InterruptedException {
    ledger.caughtUp(Set.of(0));
    store.commit(
        TestStores.spool(new StoreGroup(), new BlockPosition(0, 0), TestStores.row(99, 0)));
    ledger.record(0, 0, consortium.cut(0, 0, 0, List.of(entry(0, 1)), NO_SKIPS));
    ledger.record(0, 1, consortium.cut(1, 0, 0, List.of(entry(0, 1)), NO_SKIPS));
    assertThat(unscored()).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void aCutInAnotherPartitionThanItsOwnIsNothing() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 4)), NO_SKIPS));
    ledger.record(0, 0, consortium.cut(1, 1, 0, List.of(entry(0, 4)), NO_SKIPS));
    assertThat(unscored()).hasSize(4);
  }

  @Test
  void skippedBlocksAreSentAgainAndTheOthersScored() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 3)), List.of(skip(1))));
    take(consortium.cut(2, 1, 0, List.of(entry(0, 3)), List.of(skip(1))));
    assertThat(unscored()).containsExactly(3L, 4L);
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isEqualTo(4);
    assertThat(store.tally(Tally.of(Tally.Outcome.SKIPPED))).isEqualTo(2);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isEqualTo(2);
    assertThat(store.row(TestStores.row(2, 0).transactionId())).isPresent();
  }

  private void assertTheMiddleTwoAreSentAgain() {
    assertThat(unscored()).containsExactly(4L, 5L);
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isEqualTo(4);
    assertThat(store.tally(Tally.of(Tally.Outcome.SKIPPED))).isEqualTo(4);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isEqualTo(4);
  }

  @Test
  void everyBlockOfASkippedRangeIsSentAgainOnce() throws InterruptedException {
    for (int aggregator = 0; aggregator < 3; aggregator++) {
      take(consortium.cut(aggregator, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3))));
      take(consortium.cut(aggregator, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3))));
    }
    assertTheMiddleTwoAreSentAgain();
    ledger = ledger();
    assertThat(ledger.start(1)).contains(3L);
    offset = 0;
    for (int aggregator = 0; aggregator < 3; aggregator++) {
      take(consortium.cut(aggregator, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3))));
    }
    assertTheMiddleTwoAreSentAgain();
  }

  @Test
  void aKillInTheMiddleOfARangeSendsNothingTwice() throws InterruptedException {
    int[] readings = {0};
    clock =
        () -> {
          if (++readings[0] > 1) {
            throw new IllegalStateException("killed");
          }
          return millis;
        };
    take(consortium.cut(0, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3))));
    byte[] second = consortium.cut(1, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3)));
    assertThatThrownBy(() -> take(second)).hasMessage("killed");
    assertThat(unscored()).as("one is").containsExactly(0L, 2L, 3L, 4L);
    clock = () -> millis;
    ledger = ledger();
    assertThat(ledger.start(1)).isEmpty();
    offset = 0;
    take(consortium.cut(0, 1, 0, List.of(entry(0, 4)), List.of(skip(1, 3))));
    take(second);
    assertTheMiddleTwoAreSentAgain();
  }

  @Test
  void aRangeOfAnotherBankIsNothing() throws InterruptedException {
    var entries = List.of(entry(0, 2), new CutEntry("bank-b", 0L, 1L << 40, 0, 0L));
    var skips = List.of(new Skip("bank-b", 0L, 1L << 40, "CDT-601", List.of("agg-1")));
    take(consortium.cut(0, 1, 0, entries, skips));
    take(consortium.cut(1, 1, 0, entries, skips));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isZero();
  }

  @Test
  void aRangeOutsideOfItsEntryIsNoCut() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), List.of(skip(1, 3))));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), List.of(skip(1, 3))));
    assertThat(unscored()).hasSize(4);
  }

  @Test
  void aRestartGoesOnWhereACutMayStillBeNeeded() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    take(consortium.cut(0, 1, 1, List.of(entry(1, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    ledger = ledger();
    assertThat(ledger.start(1)).as("batch 1 of the first aggregator").contains(1L);
    offset = ledger.start(1).orElseThrow();
    take(consortium.cut(0, 1, 1, List.of(entry(1, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    take(consortium.cut(1, 1, 1, List.of(entry(1, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(ledger().start(1)).contains(4L);
  }

  @Test
  void oneAggregatorCanNotFillTheMemory() throws InterruptedException {
    for (int batch = 1; batch <= CutLedger.OPEN_BATCHES_MAX + 10; batch++) {
      take(consortium.cut(0, 1, batch, List.of(), NO_SKIPS));
    }
    take(consortium.cut(1, 1, CutLedger.OPEN_BATCHES_MAX, List.of(), NO_SKIPS));
    take(consortium.cut(1, 1, CutLedger.OPEN_BATCHES_MAX + 1, List.of(entry(0, 4)), NO_SKIPS));
    assertThat(unscored()).hasSize(4);
  }

  /** Neither what it says again nor that it says something else. */
  @Test
  void ofABatchAnAggregatorsFirstWordIsKeptAndNoFurtherOne() throws InterruptedException {
    byte[] word = consortium.cut(0, 1, 0, List.of(entry(0, 4)), NO_SKIPS);
    byte[] other = consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS);
    for (int i = 0; i < 500; i++) {
      take(word);
      take(other);
    }
    assertThat(ledger.unresolved(1)).isEqualTo(1);
    ledger.reached(1, offset);
    assertThat(ledger().start(1)).as("read again with all that it said").contains(0L);
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).as("its last word counts").containsExactly(2L, 3L);
    assertThat(ledger.unresolved(1)).isZero();
    assertThat(ledger().start(1)).contains(offset);
  }

  @Test
  void aWordThatIsReadAgainBehindALossIsReadAgainAfterARestartToo() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    ledger.lost(1);
    ledger.reached(1, 20);
    offset = 25;
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    ledger.reached(1, 30);
    assertThat(ledger().start(1)).contains(25L);
    offset = 30;
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(ledger().start(1)).contains(31L);
  }

  @Test
  void oneAggregatorCanNotKeepTheOthersOut() throws InterruptedException {
    for (int i = 0; i <= CutLedger.OPEN_BATCHES_MAX; i++) {
      take(consortium.cut(2, 1, 1_000_000 + i, List.of(entry(0, 4)), NO_SKIPS));
    }
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
  }

  @Test
  void aBatchWhoseOtherWordsAreGoneHoldsNothingUp() throws InterruptedException {
    // The topic begins in the middle of batch 7.
    take(consortium.cut(2, 1, 7, List.of(), NO_SKIPS));
    for (int batch = 8; batch <= 7 + CutLedger.BATCHES_APART_MAX; batch++) {
      take(consortium.cut(0, 1, batch, List.of(), NO_SKIPS));
      take(consortium.cut(1, 1, batch, List.of(), NO_SKIPS));
    }
    ledger.reached(1, offset);
    assertThat(ledger().start(1)).as("the others may come yet").contains(0L);
    long batch = 8 + CutLedger.BATCHES_APART_MAX;
    take(consortium.cut(0, 1, batch, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, batch, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(ledger().start(1)).as("nothing is read again").contains(offset);
    take(consortium.cut(2, 1, batch, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(0, 1, batch + 1, List.of(), NO_SKIPS));
    take(consortium.cut(1, 1, batch + 1, List.of(), NO_SKIPS));
    ledger.reached(1, offset);
    assertThat(ledger().start(1)).as("a third word is none that waits").contains(offset);
  }

  @Test
  void whatIsReadWithoutACutCountsAsRead() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    ledger.reached(1, 6);
    assertThat(ledger().start(1)).contains(6L);
    offset = 6;
    take(consortium.cut(0, 1, 1, List.of(entry(2, 4)), NO_SKIPS));
    ledger.reached(1, 8);
    assertThat(ledger().start(1)).as("but for what is still needed").contains(6L);
  }

  @Test
  void whereItBeganIsKeptAlsoBeforeTheFirstCut() throws InterruptedException {
    ledger.reached(1, 0);
    assertThat(ledger().start(1)).contains(0L);
    assertThat(ledger().start(0)).as("never read").isEmpty();
    take(consortium.cut(0, 1, 0, List.of(entry(0, 2)), NO_SKIPS));
    ledger.reached(1, 1);
    assertThat(ledger().start(1)).as("one that waits for a second word").contains(0L);
  }

  @Test
  void batchesOfOthersAreNotedTogetherAndMayBeReadAgain() throws InterruptedException {
    int batches = CutLedger.READ_AGAIN_MAX / 2;
    for (int batch = 0; batch < batches; batch++) {
      assertThat(ledger().start(1)).isEmpty();
      take(consortium.cut(0, 1, batch, List.of(), NO_SKIPS));
      take(consortium.cut(1, 1, batch, List.of(), NO_SKIPS));
    }
    assertThat(ledger().start(1)).as("as far as may be read again").contains(offset);
    take(consortium.cut(0, 1, batches, List.of(), NO_SKIPS));
    take(consortium.cut(1, 1, batches, List.of(), NO_SKIPS));
    ledger = ledger();
    offset = ledger.start(1).orElseThrow();
    take(consortium.cut(0, 1, batches, List.of(), NO_SKIPS));
    take(consortium.cut(1, 1, batches, List.of(), NO_SKIPS));
    take(consortium.cut(2, 1, batches, List.of(), NO_SKIPS));
    take(consortium.cut(0, 1, batches + 1, List.of(entry(0, 2)), NO_SKIPS));
    take(consortium.cut(1, 1, batches + 1, List.of(entry(0, 2)), NO_SKIPS));
    assertThat(unscored()).containsExactly(2L, 3L);
    assertThat(ledger().start(1)).as("what is the bank's, at once").contains(offset);
  }

  @Test
  void aBlockWhoseCutIsGoneStaysUnscoredAndTheNextAreScored() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 1)), NO_SKIPS));
    ledger.lost(1);
    ledger.reached(1, 20);
    assertThat(ledger().start(1)).contains(20L);
    offset = 20;
    take(consortium.cut(0, 1, 4, List.of(entry(2, 4)), NO_SKIPS));
    take(consortium.cut(1, 1, 4, List.of(entry(2, 4)), NO_SKIPS));
    assertThat(unscored()).containsExactly(0L, 1L);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isZero();
  }

  @Test
  void anOlderDataFolderIsNoticed() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 5)), NO_SKIPS));
    assertThatThrownBy(() -> take(consortium.cut(1, 1, 0, List.of(entry(0, 5)), NO_SKIPS)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("CDT-359");
    assertThat(unscored()).hasSize(4);
  }

  /** Gives a new block the next sequence, as the spooler does all the time. */
  private void seal() {
    long sequence = store.nextSequence(1);
    store.commit(
        TestStores.spool(
            new StoreGroup(), new BlockPosition(1, sequence), TestStores.row(100 + sequence, 0)));
  }

  private void assertNoticed(byte[] second) {
    assertThatThrownBy(() -> take(second))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("CDT-359");
  }

  /** The lost run had sent block 4, too; the new one has other rows. */
  @Test
  void anOlderDataFolderIsNoticedAlsoWhereNewBlocksHaveTheSequencesOfTheLostOnes()
      throws InterruptedException {
    byte[] first = consortium.cut(0, 1, 0, List.of(entry(0, 5)), NO_SKIPS);
    byte[] second = consortium.cut(1, 1, 0, List.of(entry(0, 5)), NO_SKIPS);
    seal();
    take(first);
    assertNoticed(second);
    ledger = ledger();
    offset = 0;
    take(first);
    assertNoticed(second);
    assertThat(unscored()).as("also at the next start").containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(store.tally(Tally.of(Tally.Outcome.SCORED))).isZero();
  }

  @Test
  void anOlderDataFolderIsNoticedByOneWordThatWasThereBeforeAnythingWasSent()
      throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 5)), NO_SKIPS));
    ledger.caughtUp(Set.of(1));
    seal();
    assertNoticed(consortium.cut(1, 1, 0, List.of(entry(0, 5)), NO_SKIPS));
    assertThat(unscored()).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  /** A liar's word from before the start isn't one on the cut that two others agree on. */
  @Test
  void newBlocksAreScoredOnceOldCutsAreCaughtUpWith() throws InterruptedException {
    take(consortium.cut(2, 1, 0, List.of(entry(0, 9)), NO_SKIPS));
    seal();
    ledger.caughtUp(Set.of(1));
    take(consortium.cut(0, 1, 0, List.of(entry(0, 5)), NO_SKIPS));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 5)), NO_SKIPS));
    assertThat(unscored()).isEmpty();
    seal();
    ledger = ledger();
    take(consortium.cut(0, 1, 1, List.of(entry(5, 6)), NO_SKIPS));
    take(consortium.cut(1, 1, 1, List.of(entry(5, 6)), NO_SKIPS));
    assertThat(unscored()).as("what was sealed in the last run may be sent").isEmpty();
  }

  /** Its rows get a sequence that no cut knows yet. */
  @Test
  void whatIsSentAgainMeanwhileIsNoLostRun() throws InterruptedException {
    take(consortium.cut(0, 1, 0, List.of(entry(0, 1)), List.of(skip(0))));
    take(consortium.cut(1, 1, 0, List.of(entry(0, 1)), List.of(skip(0))));
    assertThat(unscored()).containsExactly(1L, 2L, 3L, 4L);
    take(consortium.cut(0, 1, 1, List.of(entry(1, 4)), NO_SKIPS));
    take(consortium.cut(1, 1, 1, List.of(entry(1, 4)), NO_SKIPS));
    assertThat(unscored()).containsExactly(4L);
  }

  /** What is sent again would get sequences of the range. */
  @Test
  void anOlderDataFolderSendsNothingOfALongRangeAgain() throws InterruptedException {
    var far = List.of(entry(0, 1L << 40));
    take(consortium.cut(0, 1, 0, far, List.of(skip(2, 1L << 40))));
    byte[] second = consortium.cut(1, 1, 0, far, List.of(skip(2, 1L << 40)));
    assertThatThrownBy(() -> take(second))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("CDT-359");
    assertThat(unscored()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isZero();
  }
}
