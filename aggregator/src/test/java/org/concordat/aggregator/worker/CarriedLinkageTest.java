package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.LinkDelta;
import org.concordat.schemas.record.LinkageEpoch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Windows that reach back over the beginning of an epoch: on shares against the oracle. */
class CarriedLinkageTest {
  private static final Path LINKED = Path.of("src/test/resources/rulesets/linked");

  /** Payments begin two weeks before; epochs of ten days begin at multiples of ten. */
  private static final int DAY = 20_010;

  private static final int DAY_MINUTES = 24 * 60;
  private static final int BATCH_ROWS = 100;

  /** Until days after an epoch begins, at about the 600th. */
  private static final int ROWS = 1_000;

  private final long seed = Seeds.seed();

  @TempDir private static Path folder;

  private static LinkedParties.Circuits circuits;

  private LinkedParties parties;

  @BeforeAll
  static void compile() throws IOException {
    Files.copy(LINKED.resolve("contract.yaml"), folder.resolve("contract.yaml"));
    String rules = Files.readString(LINKED.resolve("rules.yaml"));
    Files.writeString(
        folder.resolve("rules.yaml"),
        rules.replace("linkage: 64\n", "linkage: 64\ncarried: true\n"));
    Plan plan = RuleSet.load(folder).plan();
    assertThat(plan.link().orElseThrow().carried()).isTrue();
    circuits = LinkedParties.Circuits.of(plan);
  }

  @BeforeEach
  void begin() {
    parties = new LinkedParties(circuits, seed, (from, to, step, words) -> words);
  }

  /** A batch and the cut that it is of: committed on the day of most of its payments. */
  private record Part(int number, long day, List<Payment> rows) {
    CutRecord cut(int attempt) {
      return LinkedParties.cut(number, attempt, day);
    }

    long epoch() {
      return day / LinkedParties.EPOCH_DAYS;
    }
  }

  private List<Part> parts(int count) {
    List<Payment> payments = LinkedParties.payments(seed, count, DAY);
    List<Part> parts = new ArrayList<>();
    long day = 0;
    for (int from = 0; from < count; from += BATCH_ROWS) {
      List<Payment> rows = payments.subList(from, Math.min(count, from + BATCH_ROWS));
      int[] minutes = rows.stream().mapToInt(Payment::minute).sorted().toArray();
      day = Math.max(day, minutes[minutes.length / 2] / DAY_MINUTES);
      parts.add(new Part(parts.size(), day, rows));
    }
    return parts;
  }

  private Computed computedAsExpected(Part part, int attempt) {
    CutRecord cut = part.cut(attempt);
    Computed computed = parties.compute(cut, part.rows());
    LinkedParties.Expected expected = parties.expected(cut, part.rows());
    assertThat(computed.flags())
        .as("batch %d, seed %d", part.number(), seed)
        .isEqualTo(expected.flags());
    assertThat(computed.members()).isEqualTo(expected.members());
    return computed;
  }

  @Test
  void alertsAreTheOraclesBeforeAcrossAndAfter() {
    Plan forgetful = RuleSet.load(LINKED).plan();
    var without = new LinkedParties(forgetful, seed, (from, to, step, words) -> words);
    Set<Long> epochs = new HashSet<>();
    int different = 0;
    for (Part part : parts(3_000)) {
      Computed computed = computedAsExpected(part, 0);
      parties.commit(computed);
      boolean isFirstEpoch = epochs.isEmpty() || epochs.equals(Set.of(part.epoch()));
      epochs.add(part.epoch());
      Set<String> forgotten = without.expected(part.cut(0), part.rows()).flags();
      if (isFirstEpoch) {
        assertThat(computed.flags()).isEqualTo(forgotten);
      }
      different += computed.flags().equals(forgotten) ? 0 : 1;
    }
    assertThat(epochs).as("epochs").hasSizeGreaterThanOrEqualTo(3);
    assertThat(different).as("batches that carried windows make a difference to").isPositive();
  }

  @Test
  void abandonedAttemptsAndBatchesAheadLeaveNothing() {
    List<Part> parts = parts(ROWS);
    for (int p = 0; p < parts.size(); p++) {
      boolean begins = p > 0 && parts.get(p).epoch() > parts.get(p - 1).epoch();
      if (begins) {
        Computed dropped = parties.compute(parts.get(p).cut(0), parts.get(p).rows());
        LinkageEpoch first = dropped.contents().getFirst().getLinkage();
        Computed again = computedAsExpected(parts.get(p), 1);
        LinkageEpoch second = again.contents().getFirst().getLinkage();
        assertThat(second.getKey()).isNotEqualTo(first.getKey());
        assertThat(second.getCarried()).isNotEqualTo(first.getCarried()).isNotNull();
        if (p + 1 < parts.size()) {
          // Derived on what isn't committed, and given up.
          parties.compute(parts.get(p + 1).cut(0), parts.get(p + 1).rows());
        }
        parties.commit(again);
      } else {
        // The first batch of an epoch is computed before the one before it is committed.
        Computed computed = computedAsExpected(parts.get(p), 1);
        if (p + 1 < parts.size()) {
          parties.compute(parts.get(p + 1).cut(0), parts.get(p + 1).rows());
        }
        parties.commit(computed);
      }
    }
  }

  /** They lie before those of the attempt that is committed; to one party they come late too. */
  @Test
  void partsOfAbandonedAttemptsAreNeverRead() {
    List<Part> parts = parts(ROWS);
    int begun = 0;
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      boolean begins = p > 0 && part.epoch() > parts.get(p - 1).epoch();
      if (begins) {
        int before = parties.topic(0).handed().size();
        parties.compute(part.cut(0), part.rows());
        var orphans = parties.topic(2).handed();
        assertThat(orphans.size()).as("written before the vote").isGreaterThan(before);
        parties.commit(computedAsExpected(part, 1));
        assertThat(parties.topic(0).handed()).hasSize(2 * orphans.size() - before);
        orphans.subList(before, orphans.size()).forEach(orphan -> parties.topic(2).add(orphan));
        for (int party = 0; party < 3; party++) {
          parties.restart(party);
        }
        begun++;
      } else {
        parties.commit(computedAsExpected(part, 0));
      }
    }
    assertThat(begun).as("epochs that were handed something").isPositive();
  }

  @Test
  void restartsAtAnyPointKeepWhatWasHanded() {
    List<Part> parts = parts(ROWS);
    for (int p = 0; p < parts.size(); p++) {
      boolean begins = p > 0 && parts.get(p).epoch() > parts.get(p - 1).epoch();
      if (begins) {
        // Before it: the epoch that ends is restored, and hands on what others remember.
        parties.restart(p % 3);
      }
      Computed computed = computedAsExpected(parts.get(p), 0);
      if (begins) {
        // After it has prepared: it commits from its own log what it didn't compute.
        parties.restart((p + 1) % 3);
      }
      parties.commit(computed);
      if (begins || p % 5 == 0) {
        parties.restart((p + 2) % 3);
      }
    }
  }

  /** A commit doesn't wait for the brokers, nor end the process where they are away. */
  @Test
  void whatAPreparedBatchWasHandedIsReadAtTheStart() {
    List<Part> parts = parts(ROWS);
    for (int p = 0; p < parts.size(); p++) {
      Computed computed = computedAsExpected(parts.get(p), 0);
      if (p > 0 && parts.get(p).epoch() > parts.get(p - 1).epoch()) {
        parties.restart(1);
        parties.foresee(1, computed);
        parties.topic(1).loseHanded();
        parties.commit(computed);
        parties.commit(computedAsExpected(parts.get(p + 1), 0));
        return;
      }
      parties.commit(computed);
    }
    throw new AssertionError("no epoch begins");
  }

  @Test
  void aStartGoesOnFromASnapshotAndWhatWasHanded() throws Exception {
    parties.writeSnapshots(BATCH_ROWS);
    boolean isGoingOn = false;
    for (Part part : parts(2 * ROWS)) {
      if (parties.allNameSnapshots() && parties.state(0).getCarried() != null) {
        isGoingOn = true;
        for (int party = 0; party < 3; party++) {
          assertThat(parties.state(party).getSnapshot().getFirstOffset())
              .isGreaterThan(parties.state(party).getFirstOffset());
          try (var lines = new LogLines(LinkLog.class)) {
            parties.restart(party);
            assertThat(lines.all()).isEmpty();
          }
        }
      }
      parties.commit(computedAsExpected(part, 0));
      // Threads that write have the time to take what there is.
      TimeUnit.MILLISECONDS.sleep(20);
    }
    assertThat(isGoingOn).isTrue();
  }

  /** By account, the pseudonym under which a batch names it. */
  private static Map<Long, Long> names(Part part, Computed computed) {
    LinkDelta delta = computed.contents().getFirst().getLinks();
    ByteBuffer source = delta.getPseudonyms().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int rows = part.rows().size();
    Map<Long, Long> names = new HashMap<>();
    for (int entity = 0; entity < 2; entity++) {
      for (Payment payment : part.rows()) {
        names.put(payment.fields()[1 + 2 * entity], source.getLong());
      }
    }
    assertThat(source.remaining()).isEqualTo(rows * Long.BYTES);
    return names;
  }

  @Test
  void pseudonymsAndOrderOfTwoEpochsAreUnrelated() {
    Map<Long, Long> before = new HashMap<>();
    Map<Long, Long> after = new HashMap<>();
    CarriedTable handed = null;
    for (Part part : parts(ROWS)) {
      Computed computed = computedAsExpected(part, 0);
      parties.commit(computed);
      if (parties.state(0).getCarried() == null) {
        before.putAll(names(part, computed));
      } else {
        handed = parties.handed(0).getFirst();
        after.putAll(names(part, computed));
      }
    }
    assertThat(after).isNotEmpty();
    assertThat(before.values()).doesNotContainAnyElementsOf(after.values());
    // Of forty accounts there are 64 rows, whose pseudonyms are those of the new epoch alone.
    List<Long> pseudonyms = Arrays.stream(handed.pseudonyms()).boxed().toList();
    assertThat(pseudonyms).hasSize(64).isSorted().doesNotContainAnyElementsOf(before.values());
    assertThat(after.values().stream().filter(pseudonyms::contains))
        .as("accounts of both epochs")
        .hasSizeGreaterThan(30);
    List<Long> accounts = before.keySet().stream().filter(after::containsKey).toList();
    List<Long> byOld =
        accounts.stream().sorted((a, b) -> before.get(a).compareTo(before.get(b))).toList();
    List<Long> byNew =
        accounts.stream().sorted((a, b) -> after.get(a).compareTo(after.get(b))).toList();
    assertThat(byNew).isNotEqualTo(byOld).isNotEqualTo(byOld.reversed());
    // What each party holds of it tells it nothing that others' hold too.
    for (int party = 0; party < 3; party++) {
      long[][][] own = parties.handed(party).getFirst().words();
      long[][][] next = parties.handed((party + 1) % 3).getFirst().words();
      assertThat(own[1]).isDeepEqualTo(next[0]);
      assertThat(Arrays.stream(own[0]).flatMapToLong(Arrays::stream).distinct().count())
          .as("shares of zeros too are random")
          .isEqualTo((long) own[0].length * 64);
    }
  }

  @Test
  void aPartyThatRemembersOtherThingsIsFoundBeforeAnythingIsHanded() {
    List<Part> parts = parts(ROWS);
    LinkageEpoch earlier = null;
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      if (p > 0 && part.epoch() > parts.get(p - 1).epoch()) {
        parties.state(1, null);
        parties.restart(1);
        ProtocolAbortException abort =
            catchThrowableOfType(
                ProtocolAbortException.class, () -> parties.compute(part.cut(0), part.rows()));
        assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
        parties.state(1, earlier);
        parties.restart(1);
        parties.commit(computedAsExpected(part, 1));
        // The topic lacks what the epoch was handed.
        parties.topic(2).loseHanded();
        try (var lines = new LogLines(LinkLog.class)) {
          assertThatIllegalStateException().isThrownBy(() -> parties.restart(2));
          assertThat(lines.only()).containsEntry("code", "CDT-621");
        }
        return;
      }
      parties.commit(computedAsExpected(part, 0));
      earlier = parties.state(1);
    }
    throw new AssertionError("no epoch begins");
  }
}
