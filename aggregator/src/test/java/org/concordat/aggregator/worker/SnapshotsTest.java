package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Id128;
import org.concordat.schemas.record.LinkSnapshot;
import org.concordat.schemas.record.LinkageEpoch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A party that goes on from a snapshot remembers what the others do, and what the oracle does. */
class SnapshotsTest {
  private static final int DAY = 20_000;
  private static final int ROWS = 50;
  private static final int BATCHES = 80;
  private static final int IN_FLIGHT = 3;
  private static final Plan PLAN =
      RuleSet.load(Path.of("src/test/resources/rulesets/linked")).plan();
  private static final LinkedParties.Circuits CIRCUITS = LinkedParties.Circuits.of(PLAN);

  private final long seed = Seeds.seed();
  private final LinkedParties parties =
      new LinkedParties(CIRCUITS, seed, (from, to, step, words) -> words);
  private final List<Payment> payments = LinkedParties.payments(seed, BATCHES * ROWS, DAY);

  /** Computed and not committed, those of the first attempts among them. */
  private final ArrayDeque<Computed> inFlight = new ArrayDeque<>();

  private int computed;
  private int committed;

  @AfterEach
  void stop() {
    for (int party = 0; party < 3; party++) {
      parties.stop(party);
    }
  }

  private Computed compute(int batch, int attempt) {
    CutRecord cut = LinkedParties.cut(batch, attempt, DAY);
    return parties.compute(cut, payments.subList(batch * ROWS, (batch + 1) * ROWS));
  }

  /**
   * Commits a batch; those behind it are derived already, and the last of them is begun anew every
   * third time.
   */
  private void commitNext() {
    while (inFlight.size() < IN_FLIGHT && computed < BATCHES) {
      Computed next = compute(computed, 0);
      if (computed % 3 == 2) {
        next = compute(computed, 1);
      }
      LinkedParties.Expected expected =
          parties.expected(next.cut(), payments.subList(computed * ROWS, (computed + 1) * ROWS));
      assertThat(next.flags()).as("batch %d, seed %d", computed, seed).isEqualTo(expected.flags());
      // Their order is that of banks' numbers.
      assertThat(next.members())
          .as("seed %d", seed)
          .containsExactlyInAnyOrderElementsOf(expected.members());
      inFlight.addLast(next);
      computed++;
    }
    parties.commit(inFlight.removeFirst());
    committed++;
  }

  /** What is in flight is committed too. */
  private void commitAll() {
    while (!inFlight.isEmpty()) {
      parties.commit(inFlight.removeFirst());
      committed++;
    }
  }

  /** Threads that write have the time to take what there is. */
  private void commitUntil(BooleanSupplier holds) throws Exception {
    while (!holds.getAsBoolean()) {
      assertThat(committed).as("batches committed").isLessThan(BATCHES - 2 * IN_FLIGHT);
      commitNext();
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private void commitUntilAllNameOne() throws Exception {
    parties.writeSnapshots(ROWS);
    commitUntil(parties::allNameSnapshots);
    commitAll();
  }

  private LinkSnapshot snapshot(int party) {
    return parties.state(party).getSnapshot();
  }

  @Test
  void aStartRemembersTheRowsSinceAlone() throws Exception {
    commitUntilAllNameOne();
    for (int party = 0; party < 3; party++) {
      assertThat(snapshot(party).getParts()).isGreaterThan(2);
      try (var lines = new LogLines(LinkLog.class)) {
        parties.restart(party);
        assertThat(lines.all()).isEmpty();
      }
      assertThat(parties.counts(party).rowsSince())
          .isEqualTo((parties.state(party).getLastBatch() - snapshot(party).getBatch()) * ROWS)
          .isLessThan(committed * (long) ROWS);
      commitNext();
      commitAll();
    }
  }

  @Test
  void snapshotsGoOnAfterOneAnother() throws Exception {
    commitUntilAllNameOne();
    Id128 first = snapshot(0).getId();
    commitUntil(() -> !snapshot(0).getId().equals(first));
    commitAll();
    parties.restart(0);
    commitNext();
    // The next epoch names none of this one's, and begins one of its own.
    commitAll();
    Computed begins =
        parties.compute(
            LinkedParties.cut(committed, 0, DAY + LinkedParties.EPOCH_DAYS),
            payments.subList(committed * ROWS, (committed + 1) * ROWS));
    parties.commit(begins);
    assertThat(snapshot(0)).isNull();
    assertThat(parties.state(0).getFirstOffset()).isPositive();
    assertThat(parties.counts(0).rowsSince()).isEqualTo(ROWS);
    parties.restart(0);
    assertThat(parties.counts(0).rowsSince()).isEqualTo(ROWS);
  }

  private void assertAllIsRememberedAgain(int party, String why) {
    try (var lines = new LogLines(LinkLog.class)) {
      parties.restart(party);
      assertThat(lines.only()).containsKeys("topic", "partition", "parts");
      assertThat(lines.only().get("why")).asString().contains(why);
    }
    assertThat(parties.counts(party).rowsSince()).isEqualTo(committed * (long) ROWS);
  }

  @Test
  void oneThatIsOfNoUseIsToldAndEachRowIsRememberedAgain() throws Exception {
    commitUntilAllNameOne();
    parties.topic(0).losePart(1);
    LinkSnapshot other = LinkSnapshot.newBuilder(snapshot(1)).setFormat(2).build();
    parties.state(1, LinkageEpoch.newBuilder(parties.state(1)).setSnapshot(other).build());
    LinkSnapshot nobodys =
        LinkSnapshot.newBuilder(snapshot(2)).setId(new Id128(new byte[16])).build();
    parties.state(2, LinkageEpoch.newBuilder(parties.state(2)).setSnapshot(nobodys).build());
    assertAllIsRememberedAgain(0, "number 1");
    assertAllIsRememberedAgain(1, "another build");
    assertAllIsRememberedAgain(2, "number 0");
    commitNext();
  }

  @Test
  void aTopicThatWasGivenBackWithOtherOffsetsIsReadFromItsBeginning() throws Exception {
    parties.topic(0).beginWithOthers(5);
    commitUntilAllNameOne();
    assertThat(parties.state(0).getFirstOffset()).isEqualTo(5);
    parties.topic(0).giveBackEarlier(5);
    // Batches after the snapshot are before where they are looked for.
    assertAllIsRememberedAgain(0, "LinkGapException");
    commitNext();
  }

  @Test
  void thoseThatNoStartReadsAreDeleted() throws Exception {
    parties.topic(1).refuseToDelete(true);
    commitUntilAllNameOne();
    Set<Id128> named = new HashSet<>();
    try (var lines = new LogLines(SnapshotWriter.class)) {
      while (named.size() < 3) {
        commitUntil(() -> named.add(snapshot(0).getId()));
        // Another is on its way by now, and has deleted what was before this one at most.
        assertThat(parties.topic(0).snapshotsFrom()).isLessThanOrEqualTo(from(0));
        commitAll();
        parties.restart(0);
        assertThat(parties.counts(0).rowsSince()).isLessThan(committed * (long) ROWS);
      }
      commitUntil(() -> !lines.all().isEmpty());
      assertThat(lines.all().getFirst()).containsKeys("partition", "before", "cause");
    }
    assertThat(parties.topic(0).snapshotsFrom()).isPositive();
    assertThat(parties.topic(1).snapshotsFrom()).isZero();
  }

  private long from(int party) {
    return snapshot(party).getFirstPartOffset();
  }

  @Test
  void oneOfOtherMembersIsOfNoUse() throws Exception {
    commitUntilAllNameOne();
    // Numbers of all banks are others now.
    List<String> members = LinkedParties.BANKS.reversed();
    try (var lines = new LogLines(LinkLog.class)) {
      parties.revise(members);
      assertThat(lines.all()).hasSize(3);
      assertThat(lines.all())
          .allSatisfy(line -> assertThat(line.get("why")).asString().contains("other members"));
    }
    assertThat(parties.counts(0).rowsSince()).isEqualTo(committed * (long) ROWS);
    commitUntil(() -> snapshot(0) != null && snapshot(0).getBanks().equals(members));
    commitAll();
    try (var lines = new LogLines(LinkLog.class)) {
      parties.restart(0);
      assertThat(lines.all()).isEmpty();
    }
    commitNext();
  }

  @Test
  void aBatchThatLacksAfterASnapshotIsFound() throws Exception {
    commitUntilAllNameOne();
    assertThat(parties.state(0).getLastBatch()).isGreaterThan(snapshot(0).getBatch() + 1);
    parties.topic(0).loseBatch(snapshot(0).getBatch() + 1);
    try (var lines = new LogLines(LinkLog.class)) {
      assertThatIllegalStateException().isThrownBy(() -> parties.restart(0));
      assertThat(lines.all().getLast()).containsEntry("code", "CDT-621");
    }
  }

  @Test
  void oneThatCannotBeWrittenIsToldAndTriedAgain() throws Exception {
    parties.writeSnapshots(ROWS);
    parties.topic(1).refuseSnapshots(true);
    Set<Object> causes = new HashSet<>();
    try (var lines = new LogLines(SnapshotWriter.class)) {
      commitUntil(
          () -> {
            lines.all().forEach(line -> causes.add(line.get("cause")));
            return !causes.isEmpty()
                && Arrays.stream(new int[] {0, 2})
                    .allMatch(party -> parties.state(party) != null && snapshot(party) != null);
          });
    }
    assertThat(causes).containsExactly("KafkaException");
    assertThat(snapshot(1)).isNull();
    parties.topic(1).refuseSnapshots(false);
    commitUntil(parties::allNameSnapshots);
  }

  @Test
  void aPartitionThatIsLeftWritesNoMore() throws Exception {
    parties.writeSnapshots(ROWS);
    commitNext();
    commitNext();
    assertThat(writers()).isPositive();
    stop();
    for (int i = 0; i < 500 && writers() > 0; i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(writers()).isZero();
    commitNext();
    assertThat(writers()).isZero();
  }

  private static long writers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("snapshot-0"))
        .count();
  }
}
