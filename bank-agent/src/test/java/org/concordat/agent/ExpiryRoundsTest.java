package org.concordat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.concordat.agent.config.DeskConfig;
import org.concordat.agent.desk.Desk;
import org.concordat.agent.encode.HistoryLimits;
import org.concordat.agent.encode.KeptHistory;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.Id;
import org.concordat.agent.store.StoreGroup;
import org.concordat.agent.store.TestStores;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.clock.SteadyClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ExpiryRoundsTest {
  private static final long BEYOND_AGE = TestStores.LIMITS.seenAge().plusDays(1).toMillis();
  private static final Id ROW = new Id(1, ~1L);
  private static final byte[] ALERT = new Id(4, 4).bytes();
  private static final Id LATER_ROW = new Id(2, ~2L);
  private static final byte[] LATER_ALERT = new Id(5, 5).bytes();
  private static final Id THIRD_ROW = new Id(3, ~3L);

  @TempDir private Path folder;

  private AgentStore store;
  private long nowMillis = 1_795_000_000_000L;

  /** By which the wall clock is off. */
  private long stepMillis;

  @BeforeEach
  void accept() throws IOException {
    AgentFolder.write(folder);
    store = TestStores.open(Files.createDirectory(folder.resolve("data")));
    var position = new BlockPosition(0, 0);
    store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(1, nowMillis)));
    store.commit(new StoreGroup().scored(position, TestStores.CUT));
    store.markDelivered(List.of(ALERT), Map.of(), nowMillis);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private SteadyClock clock() {
    return new SteadyClock(
        () -> nowMillis + stepMillis, () -> TimeUnit.MILLISECONDS.toNanos(nowMillis));
  }

  private ExpiryRounds start() {
    return start(clock());
  }

  private ExpiryRounds start(SteadyClock clock) {
    var contract = RuleSet.load(folder.resolve("rules")).contract();
    return new ExpiryRounds(
        clock,
        store,
        new KeptHistory(contract, store, HistoryLimits.DEFAULT, 16),
        Desk.open(store.desk(), DeskConfig.DEFAULT));
  }

  private void assertRemembered(boolean remembered) {
    assertThat(store.seenContent(ROW).isPresent()).isEqualTo(remembered);
    assertThat(store.delivered(ALERT)).isEqualTo(remembered);
  }

  @Test
  void aClockThatIsSetAheadAndBackForgetsNothing() throws Exception {
    ExpiryRounds rounds = start();
    rounds.round();
    stepMillis = BEYOND_AGE;
    rounds.round();
    nowMillis += Duration.ofHours(23).toMillis();
    rounds.round();
    assertRemembered(true);
    stepMillis = 0;
    rounds.round();
    assertRemembered(true);
  }

  private void accept(long row, long sequence, long millis) {
    var position = new BlockPosition(0, sequence);
    store.commit(TestStores.spool(new StoreGroup(), position, TestStores.row(row, millis)));
    store.commit(new StoreGroup().scored(position, TestStores.CUT));
  }

  @Test
  void whatCameWhileTheClockWasAheadHoldsUpNothing() throws Exception {
    SteadyClock clock = clock();
    ExpiryRounds rounds = start(clock);
    long yearMillis = Duration.ofDays(365).toMillis();
    stepMillis = yearMillis;
    accept(2, 1, clock.stampMillis());
    rounds.round();
    stepMillis = 0;
    accept(3, 2, clock.stampMillis());
    rounds.round();
    nowMillis += TestStores.LIMITS.seenAge().toMillis();
    rounds.round();
    assertRemembered(true);
    assertThat(store.seenContent(THIRD_ROW)).isPresent();
    nowMillis++;
    rounds.round();
    assertRemembered(false);
    assertThat(store.seenContent(THIRD_ROW)).isEmpty();
    assertThat(store.seenContent(LATER_ROW)).isPresent();
    nowMillis += yearMillis - 1;
    rounds.round();
    assertThat(store.seenContent(LATER_ROW)).as("as long as it should be").isPresent();
    nowMillis++;
    rounds.round();
    assertThat(store.seenContent(LATER_ROW)).isEmpty();
  }

  @Test
  void whatCameWhileTheClockWasSetBackIsRememberedWhenItIsRight() throws Exception {
    SteadyClock clock = clock();
    ExpiryRounds rounds = start(clock);
    stepMillis = -2 * BEYOND_AGE;
    rounds.round();
    // The first of its partition: blocks are looked at up to the first that is young.
    var position = new BlockPosition(1, 0);
    var row = TestStores.row(2, clock.stampMillis());
    store.commit(TestStores.spool(new StoreGroup(), position, row));
    store.commit(new StoreGroup().scored(position, TestStores.CUT));
    store.markDelivered(List.of(LATER_ALERT), Map.of(), clock.stampMillis());
    rounds.round();
    stepMillis = 0;
    rounds.round();
    assertRemembered(true);
    assertThat(store.seenContent(LATER_ROW)).isPresent();
    assertThat(store.delivered(LATER_ALERT)).isTrue();
  }

  @Test
  void aClockThatStaysAheadForADayIsBelieved() throws Exception {
    ExpiryRounds rounds = start();
    stepMillis = BEYOND_AGE;
    rounds.round();
    assertRemembered(true);
    nowMillis += Duration.ofDays(1).toMillis();
    rounds.round();
    assertRemembered(false);
  }

  @Test
  void timeThatPassesForgets() throws Exception {
    ExpiryRounds rounds = start();
    nowMillis += TestStores.LIMITS.seenAge().toMillis();
    rounds.round();
    assertRemembered(true);
    nowMillis++;
    rounds.round();
    assertRemembered(false);
  }

  @Test
  @Timeout(60)
  void whatIsForgottenLeavesADiskThatNearsItsBound() throws Exception {
    long bound = 4L << 20;
    store.close();
    store =
        AgentStore.open(
            folder.resolve("data"), TestStores.box(1), TestStores.limits(1L << 30, bound), 3);
    TestStores.fill(store, 1, bound);
    start().round();
    while (store.diskBytes() >= bound / 2) {
      Thread.sleep(10);
    }
  }

  @Test
  void aStartBelievesItsClockSinceItMayHaveStoodStillForLong() throws Exception {
    stepMillis = BEYOND_AGE;
    start().round();
    assertRemembered(false);
  }
}
