package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgedTest {
  private static final Duration AGE = Duration.ofMillis(800);
  private static final StoreLimits LIMITS =
      new StoreLimits(
          1L << 30,
          1L << 20,
          Duration.ofDays(1),
          AGE,
          AGE,
          StoreLimits.MEMORY_BYTES,
          StoreLimits.DISK_BYTES);
  private static final Answered ANSWERED =
      new Answered(new Id(1, 2), new Answer(202, "application/json", new byte[] {1, 2, 3}));

  @TempDir Path data;

  private AgentStore open() {
    return AgentStore.open(data, TestStores.box(1), LIMITS, 3);
  }

  private static void answer(AgentStore store, long number, long millis) {
    store.commit(new StoreGroup().answered(new Id(number, 0), ANSWERED, millis));
  }

  private static List<Long> known(AgentStore store) {
    return java.util.stream.LongStream.rangeClosed(1, 5)
        .filter(number -> store.answered(new Id(number, 0)).isPresent())
        .boxed()
        .toList();
  }

  @Test
  void entriesAreKeptForTheirAgeAndNotMuchLonger() {
    try (AgentStore store = open()) {
      answer(store, 1, 1_000);
      answer(store, 2, 1_099);
      answer(store, 3, 1_100);
      answer(store, 4, 1_900);
      store.expire(1_899, 1);
      assertThat(known(store)).as("the first span ended at 1100").containsExactly(1L, 2L, 3L, 4L);
      store.expire(1_900, 1);
      assertThat(known(store)).containsExactly(3L, 4L);
    }
    try (AgentStore store = open()) {
      assertThat(known(store)).as("after a restart").containsExactly(3L, 4L);
      Answered read = store.answered(new Id(4, 0)).orElseThrow();
      assertThat(read.body()).isEqualTo(ANSWERED.body());
      assertThat(read.answer().status()).isEqualTo(202);
      assertThat(read.answer().mediaType()).isEqualTo("application/json");
      assertThat(read.answer().body()).containsExactly(1, 2, 3);
      answer(store, 5, 2_800);
      store.expire(2_700, 1);
      assertThat(known(store)).containsExactly(4L, 5L);
    }
  }

  @Test
  void whatAClockAheadHasStampedHoldsUpNoOther() {
    try (AgentStore store = open()) {
      answer(store, 1, 1_000);
      answer(store, 2, 1_000_000);
      answer(store, 3, 1_150);
      answer(store, 4, 1_120);
      store.expire(1_949, 1);
      assertThat(known(store)).as("the first span ended at 1150").containsExactly(1L, 2L, 3L, 4L);
      store.expire(1_950, 1);
      assertThat(known(store)).containsExactly(2L, 3L, 4L);
      store.expire(2_049, 1);
      assertThat(known(store)).as("the second has its full length").containsExactly(2L, 3L, 4L);
      store.expire(2_050, 1);
      assertThat(known(store)).containsExactly(2L);
    }
    try (AgentStore store = open()) {
      answer(store, 5, 2_060);
      store.expire(1_000_799, 1);
      assertThat(known(store)).containsExactly(2L, 5L);
      answer(store, 1, 1_000_200);
      store.expire(1_000_999, 1);
      assertThat(known(store)).as("from its own time on").containsExactly(1L, 2L);
      store.expire(1_001_000, 1);
      assertThat(known(store)).containsExactly(1L);
    }
  }

  @Test
  void aReferenceLeadsToAllThatWasHandedInUnderIt() {
    var reference = new Id(7, 7);
    try (AgentStore store = open()) {
      var row = TestStores.row(1, 5);
      var refused = new Reference(reference, new Id(3, 3), Code.CDT_313, 4);
      store.commit(
          TestStores.spool(new StoreGroup(), new BlockPosition(0, 0), row)
              .reference(new Reference(reference, Id.of(row.transactionId()), null, 5))
              .reference(refused)
              .reference(new Reference(new Id(7, 8), new Id(4, 4), Code.CDT_313, 4)));
      assertThat(store.standings(reference))
          .extracting(Standing::state)
          .containsExactly(Standing.State.REFUSED, Standing.State.PENDING);
      assertThat(store.standings(new Id(9, 9))).isEmpty();
      store.commit(new StoreGroup().scored(new BlockPosition(0, 0), TestStores.CUT));
      try (JournalReader reader = JournalReader.open(data, TestStores.box(1))) {
        assertThat(reader.standings(reference))
            .as("beside the agent")
            .extracting(Standing::cut)
            .containsExactly(java.util.Optional.empty(), java.util.Optional.of(TestStores.CUT));
      }
    }
  }

  @Test
  void aRowThatIsSentAgainMeanwhileIsNotGivenUp() throws InterruptedException {
    var reference = new Id(7, 7);
    var row = TestStores.row(1, 5);
    var states = EnumSet.noneOf(Standing.State.class);
    try (AgentStore store = open()) {
      store.commit(
          TestStores.spool(new StoreGroup(), new BlockPosition(0, 0), row)
              .reference(new Reference(reference, Id.of(row.transactionId()), null, 5)));
      Thread ledger =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= 200; i++) {
                      var group = new StoreGroup().drop(new BlockPosition(0, i - 1));
                      store.commit(TestStores.spool(group, new BlockPosition(0, i), row));
                    }
                  });
      while (ledger.isAlive()) {
        store.standings(reference).forEach(standing -> states.add(standing.state()));
      }
      ledger.join();
    }
    assertThat(states).containsExactly(Standing.State.PENDING);
  }
}
