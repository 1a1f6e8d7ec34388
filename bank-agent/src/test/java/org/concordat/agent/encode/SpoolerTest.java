package org.concordat.agent.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.ingest.Bookmark;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.JournalReader;
import org.concordat.agent.store.JournalRow;
import org.concordat.agent.store.SourcePosition;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.StoreLimits;
import org.concordat.agent.store.Tally;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Opening;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SpoolerTest {
  private static final ShareLayout LAYOUT =
      new ShareLayout(
          List.of(
              ShareField.arithmetic(),
              ShareField.bits(64),
              ShareField.bits(10),
              ShareField.arithmetic()));

  private static final long DISK_BYTES = 4L << 20;
  private static final long NOT_AFTER = 10;

  @TempDir Path data;

  private final AtomicLong millis = new AtomicLong();
  private final TestConsortium consortium = new TestConsortium(2);
  private final List<BlockPosition> spooled = new ArrayList<>();
  private BlockFormat format = new BlockFormat("payments", 1, new byte[32], LAYOUT);
  private AgentStore store;
  private Spooler spooler;
  private BlockBuilder builder;

  @BeforeEach
  void open() {
    start(TestStores.LIMITS);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void start(StoreLimits limits) {
    store = AgentStore.open(data, TestStores.box(1), limits, 3);
    var directory = new KeyDirectory(consortium.charter, store, millis::get);
    for (int i = 0; i < 3; i++) {
      directory.record(consortium.key(i, 0, NOT_AFTER));
    }
    var random = new SecureRandom();
    var sessions =
        new SealingSessions(
            consortium.charter, TestConsortium.BANK, consortium.bankKey, store, directory, random);
    builder = new BlockBuilder(2, 3, 0, System::nanoTime);
    spooler =
        new Spooler(
            store, format, sessions, builder, new SeenRows(store), new Surroundings(), random);
  }

  private final class Surroundings implements Spooler.Surroundings {
    @Override
    public boolean idle(int partition) {
      return false;
    }

    @Override
    public void spooled(BlockPosition position) {
      assertThat(store.copy(position, 2)).as("durable before it is shown").isPresent();
      spooled.add(position);
    }

    @Override
    public void counted() {}
  }

  private void accept(int from, int to) throws InterruptedException {
    for (int i = from; i < to; i++) {
      var position = new SourcePosition(100 + i, i, 0, "");
      builder.accept(
          TestStores.row(i, 60_000L * i),
          new Attached(
              new Bookmark("a.csv", group -> group.source("a.csv", position)), null, null));
    }
  }

  private void spool(int from, int to) throws InterruptedException {
    accept(from, to);
    builder.end();
    spooler.run();
  }

  private List<BlockOpener> openers() {
    var openers = new ArrayList<BlockOpener>();
    for (int i = 0; i < 3; i++) {
      BlockOpener opener = consortium.opener(i);
      for (byte[] setup : store.values("setup/").values()) {
        var decoded = RecordCodec.decode(SessionSetup.class, setup);
        if (decoded.getAggregator().equals(TestConsortium.name(i))) {
          assertThat(opener.setup(decoded)).isEmpty();
        }
      }
      openers.add(opener);
    }
    return openers;
  }

  private Opening.Opened open(BlockOpener opener, BlockPosition position, int aggregator) {
    return (Opening.Opened) opener.open(store.copy(position, aggregator).orElseThrow());
  }

  private void assertAllOpenToThreeRows() {
    BlockOpener first = openers().getFirst();
    for (BlockPosition position : spooled) {
      assertThat(open(first, position, 0).core().getRows()).isEqualTo(3);
    }
  }

  @Test
  void whatIsSpooledOpensToTheRows() throws InterruptedException {
    spool(0, 8);
    assertThat(spooled)
        .containsExactly(new BlockPosition(0, 0), new BlockPosition(1, 0), new BlockPosition(0, 1));
    assertThat(store.source("a.csv").offsetBytes()).isEqualTo(107);
    assertThat(store.tally(Tally.of(Tally.Outcome.ACCEPTED))).isEqualTo(8);
    List<BlockOpener> openers = openers();
    for (BlockPosition position : spooled) {
      List<JournalRow> rows = store.journal(position).orElseThrow().rows();
      int words = LAYOUT.words(rows.size());
      var first = open(openers.get(0), position, 0);
      var second = open(openers.get(1), position, 1);
      assertThat(open(openers.get(2), position, 2).core().getSequence())
          .isEqualTo(position.sequence());
      long[] rebuilt =
          Rep3Sharing.reconstruct(
              LAYOUT, rows.size(), first.first(words), first.second(words), second.second(words));
      assertThat(rebuilt).isEqualTo(BlockRows.words(LAYOUT, rows));
      assertThat(first.transactionIds()).isEqualTo(BlockRows.transactionIds(rows));
      assertThat(first.eventMinutes())
          .isEqualTo(rows.stream().mapToLong(JournalRow::eventMinute).toArray());
    }
  }

  /** Whose server is gone. */
  private static final class Closed implements Acknowledgement {
    private int told;

    @Override
    public void decided(Outcome outcome) {}

    @Override
    public void durable() {
      told++;
      throw new RejectedExecutionException("told by the test");
    }
  }

  @Test
  void whoCanNotBeToldKeepsNoOtherFromIt() throws InterruptedException {
    var closed = new Closed();
    for (int i = 0; i < 7; i++) {
      builder.accept(TestStores.row(i, 60_000L * i), new Attached(null, null, closed));
    }
    builder.end();
    spooler.run();
    assertThat(closed.told).isEqualTo(7);
    assertThat(store.tally(Tally.of(Tally.Outcome.ACCEPTED))).isEqualTo(7);
  }

  @Test
  void sessionsAreOpenBeforeThereIsARow() throws InterruptedException {
    Thread worker = work();
    while (store.values("setup/").size() < 3) {
      Thread.onSpinWait();
    }
    accept(0, 3);
    builder.end();
    worker.join();
    assertThat(store.unscored()).extracting("session").containsExactly(1L);
    assertThat(store.values("setup/")).as("no others were opened").hasSize(3);
  }

  @Test
  void sessionsThatSealedNothingAreForgotten() throws InterruptedException {
    spool(0, 3);
    for (int restarts = 0; restarts < 3; restarts++) {
      store.close();
      start(TestStores.LIMITS);
      builder.end();
      spooler.run();
    }
    assertThat(store.values("setup/").keySet())
        .as("of the session whose block isn't scored, and of the last one")
        .hasSize(6)
        .allMatch(name -> name.matches("setup/0{18}[14]/.*"));
  }

  @Test
  void sequencesGoOnAndSessionsIncreaseAfterARestart() throws InterruptedException {
    spool(0, 3);
    store.close();
    start(TestStores.LIMITS);
    spool(3, 6);
    assertThat(spooled).containsExactly(new BlockPosition(0, 0), new BlockPosition(0, 1));
    assertThat(store.unscored()).extracting("session").containsExactly(1L, 2L);
    assertAllOpenToThreeRows();
    store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
    store.close();
    start(TestStores.LIMITS);
    spool(6, 9);
    assertThat(store.values("setup/").keySet())
        .as("session 1 isn't needed any more")
        .noneMatch(name -> name.startsWith("setup/0000000000000000001/"))
        .hasSize(6);
  }

  @Test
  void withoutBrokersRowsAreSealedUnderTheLastKeysForAWeekMore() throws InterruptedException {
    millis.set(NOT_AFTER + KeyDirectory.LATE_MAX.toMillis() - 1);
    spool(0, 3);
    store.close();
    start(TestStores.LIMITS);
    spool(3, 6);
    assertThat(spooled).hasSize(2);
    assertAllOpenToThreeRows();
    millis.incrementAndGet();
    accept(6, 9);
    builder.end();
    Thread worker = work();
    worker.join(500);
    assertThat(worker.isAlive()).as("waits for a key").isTrue();
    assertThat(spooled).hasSize(2);
    millis.set(0);
    worker.join();
    assertThat(spooled).hasSize(3);
  }

  @Test
  void rowsOfASessionThatIsGoneWaitForAKeyInForce() throws Exception {
    spool(0, 3);
    millis.set(NOT_AFTER);
    Thread ledger =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    spooler.resubmit(new BlockPosition(0, 0), "CDT-412", 5);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertThat(ledger.join(Duration.ofMillis(300))).isFalse();
    assertThat(store.unscored()).extracting("attempt").containsExactly(0);
    millis.set(NOT_AFTER - 1);
    ledger.join();
    assertThat(store.unscored()).extracting("attempt").containsExactly(1);
    millis.set(NOT_AFTER);
    spooler.resubmit(new BlockPosition(0, 1), "CDT-402", 5);
    assertThat(store.unscored()).extracting("attempt").containsExactly(2);
  }

  @Test
  void aSkippedBlocksRowsGoOutAgainInABlockOfTheirOwn() throws InterruptedException {
    spool(0, 3);
    var skipped = new BlockPosition(0, 0);
    var again = new BlockPosition(0, 1);
    spooler.resubmit(skipped, "CDT-601", 5);
    assertThat(store.unscored()).extracting("position").containsExactly(again);
    assertThat(store.unscored()).extracting("attempt").containsExactly(1);
    assertThat(store.journal(skipped)).isEmpty();
    assertThat(store.row(TestStores.row(2, 0).transactionId()).orElseThrow().reference())
        .isEqualTo("reference-2");
    assertThat(store.tally(Tally.of(Tally.Outcome.SKIPPED))).isEqualTo(3);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isEqualTo(3);
    spooler.resubmit(skipped, "CDT-601", 5);
    assertThat(store.unscored()).as("told twice").hasSize(1);
    assertThat(store.tally(Tally.of(Tally.Outcome.SKIPPED))).isEqualTo(3);
  }

  @Test
  void skippedHistoryIsSentAgainAsHistory() throws InterruptedException {
    builder.accept(TestStores.row(1, 60_000), RecordKind.HISTORY, null, Attached.NOTHING);
    builder.end();
    spooler.run();
    long order = store.journal(new BlockPosition(0, 0)).orElseThrow().order();
    spooler.resubmit(new BlockPosition(0, 0), "CDT-601", 5);
    var again = new BlockPosition(0, 1);
    assertThat(store.journal(again).orElseThrow().kind()).isEqualTo(RecordKind.HISTORY);
    assertThat(store.journal(again).orElseThrow().order()).isEqualTo(order);
    assertThat(open(openers().get(0), again, 0).core().getKind()).isEqualTo(RecordKind.HISTORY);
  }

  @Test
  void rowsThatAreSkippedTooOftenAreGivenUp() throws InterruptedException {
    spool(0, 3);
    for (int i = 0; i < Spooler.ATTEMPTS_MAX; i++) {
      spooler.resubmit(new BlockPosition(0, i), "CDT-402", 5);
      assertThat(store.unscored()).hasSize(1);
    }
    spooler.resubmit(new BlockPosition(0, Spooler.ATTEMPTS_MAX), "CDT-402", 5);
    assertThat(store.unscored()).isEmpty();
    assertThat(
            store.tally(Tally.of(Tally.Outcome.SKIPPED))
                - store.tally(Tally.of(Tally.Outcome.RESUBMITTED)))
        .isEqualTo(3);
    var letters = new ArrayList<String>();
    try (var reader = JournalReader.open(data, TestStores.box(1))) {
      reader.deadLetters(letter -> letters.add(letter.code().label()));
    }
    assertThat(letters).containsExactly("CDT-356", "CDT-356", "CDT-356");
  }

  @Test
  void rowsOfAnotherContractAreGivenUp() throws InterruptedException {
    spool(0, 6);
    store.close();
    var wider = new ShareLayout(Collections.nCopies(5, ShareField.arithmetic()));
    format = new BlockFormat("payments", 2, new byte[32], wider);
    start(TestStores.LIMITS);
    spooler.resubmit(new BlockPosition(0, 0), "CDT-414", 5);
    assertThat(store.unscored()).extracting("position").containsExactly(new BlockPosition(1, 0));
    store.close();
    byte[] hash = new byte[32];
    hash[31] = 1;
    format = new BlockFormat("payments", 1, hash, LAYOUT);
    start(TestStores.LIMITS);
    spooler.resubmit(new BlockPosition(1, 0), "CDT-601", 5);
    assertThat(store.unscored()).isEmpty();
    assertThat(store.deadLetterCount()).isEqualTo(6);
    assertThat(store.tally(Tally.of(Tally.Outcome.RESUBMITTED))).isZero();
  }

  @Test
  void rowsThatAnAggregatorCannotSeeAreSentAgainForADayOfSkips() throws InterruptedException {
    spool(0, 3);
    long first = 2 * Spooler.UNSEEN_MAX.toMillis();
    long last = first + Spooler.UNSEEN_MAX.toMillis() - 1;
    int sequence = 0;
    for (long now : new long[] {first, first + 1, first + 2, first + 3, last}) {
      spooler.resubmit(new BlockPosition(0, sequence++), "CDT-601", now);
      spooler.resubmit(new BlockPosition(0, sequence++), "CDT-412", now);
    }
    assertThat(store.unscored()).extracting("attempt").as("none counts").containsExactly(1);
    assertThat(store.unscored()).extracting("skippedMillis").containsExactly(first);
    for (int i = 1; i < Spooler.ATTEMPTS_MAX; i++) {
      spooler.resubmit(new BlockPosition(0, sequence++), "CDT-601", last + 1);
    }
    assertThat(store.unscored()).extracting("attempt").containsExactly(Spooler.ATTEMPTS_MAX);
    spooler.resubmit(new BlockPosition(0, sequence), "CDT-601", last + 1);
    assertThat(store.unscored()).isEmpty();
  }

  @Test
  void aFullSpoolHoldsReadingUpUntilBlocksAreScored() throws InterruptedException {
    store.close();
    start(TestStores.limits(1, TestStores.LIMITS.diskBytesMax()));
    accept(0, 3);
    Thread worker = work();
    while (store.unscoredBlocks() == 0) {
      Thread.onSpinWait();
    }
    accept(3, 6);
    assertThat(worker.join(Duration.ofMillis(100))).isFalse();
    assertThat(store.unscoredBlocks()).as("the first goes into an empty spool").isEqualTo(1);
    store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
    while (store.nextSequence(1) == 0) {
      Thread.onSpinWait();
    }
    builder.end();
    worker.join();
  }

  @Test
  void aSpoolOfTheMostBlocksHoldsReadingUpUntilOneIsScored() throws InterruptedException {
    store.close();
    start(TestStores.limitsOfBlocks(2));
    Thread worker = work();
    for (int blocks = 0; blocks < 2; blocks++) {
      accept(3 * blocks, 3 * blocks + 3);
      while (store.unscoredBlocks() == blocks) {
        Thread.onSpinWait();
      }
    }
    accept(6, 9);
    assertThat(worker.join(Duration.ofMillis(100))).isFalse();
    assertThat(store.unscoredBlocks()).isEqualTo(2);
    assertThat(store.source("a.csv").offsetBytes()).isEqualTo(105);
    store.commit(new StoreGroup().scored(new BlockPosition(1, 0), TestStores.CUT));
    while (store.nextSequence(0) == 1) {
      Thread.onSpinWait();
    }
    builder.end();
    worker.join();
    assertThat(store.source("a.csv").offsetBytes()).isEqualTo(108);
    assertThat(store.unscored())
        .extracting("position")
        .containsExactly(new BlockPosition(0, 0), new BlockPosition(0, 1));
  }

  private Thread work() {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                spooler.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  /** Fills the disk beyond its bound, and returns a spooler at work that has rows to store. */
  private Thread workBeyondTheDisksBound() throws InterruptedException {
    store.close();
    start(TestStores.limits(1L << 30, DISK_BYTES));
    TestStores.fill(store, 1, DISK_BYTES);
    accept(0, 3);
    Thread worker = work();
    assertThat(worker.join(Duration.ofMillis(100))).isFalse();
    assertThat(store.nextSequence(0)).isZero();
    assertThat(store.source("a.csv")).isEqualTo(SourcePosition.START);
    return worker;
  }

  @Test
  void aFullDiskHoldsReadingUpUntilWhatIsOldHasLeftIt() throws InterruptedException {
    Thread worker = workBeyondTheDisksBound();
    int most = 16;
    while (store.expire(Duration.ofDays(36).toMillis(), most) == most) {
      assertThat(store.nextSequence(0)).as("removed, and not off the disk yet").isZero();
    }
    store.reclaim();
    while (store.nextSequence(0) == 0) {
      Thread.sleep(10);
    }
    assertThat(store.diskBytes()).isLessThan(DISK_BYTES);
    builder.end();
    worker.join();
    assertThat(store.source("a.csv").offsetBytes()).isEqualTo(102);
  }

  @Test
  void aFullDiskTakesWhatIsReadAgainUnderAHigherBound() throws InterruptedException {
    Thread worker = workBeyondTheDisksBound();
    spooler.stop();
    worker.join();
    store.close();
    start(TestStores.limits(1L << 30, 4 * DISK_BYTES));
    spool(0, 3);
    assertThat(store.nextSequence(0)).isEqualTo(1);
    assertThat(store.source("a.csv").offsetBytes()).isEqualTo(102);
  }

  /** What scoring says, and what is sent again, is not held up: it is what makes room. */
  @Test
  void aFullDiskHoldsNothingUpThatWasAccepted() throws InterruptedException {
    spool(0, 3);
    store.close();
    start(TestStores.limits(1L << 30, 1));
    var first = new BlockPosition(0, 0);
    assertThat(store.copy(first, 0)).isPresent();
    spooler.resubmit(first, "CDT-601", 5);
    var again = new BlockPosition(0, 1);
    assertThat(spooled).containsExactly(first, again);
    store.commit(new StoreGroup().scored(again, TestStores.CUT));
    assertThat(store.unscored()).isEmpty();
  }
}
