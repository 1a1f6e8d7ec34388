package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.LinkLog;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.LinkageEpoch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches on shares against the oracle on plaintext, whatever is undone, restarted or lost. */
class LinkageTest {
  private static final int DAY = 20_000;
  private static final Plan PLAN =
      RuleSet.load(Path.of("src/test/resources/rulesets/linked")).plan();
  private static final LinkedParties.Circuits CIRCUITS = LinkedParties.Circuits.of(PLAN);

  private final long seed = Seeds.seed();
  private final LinkedParties parties =
      new LinkedParties(CIRCUITS, seed, (from, to, step, words) -> words);

  private static List<List<Payment>> batches(List<Payment> payments, int rows) {
    List<List<Payment>> batches = new ArrayList<>();
    for (int from = 0; from < payments.size(); from += rows) {
      batches.add(payments.subList(from, Math.min(payments.size(), from + rows)));
    }
    return batches;
  }

  /** Rule and earlier record, whichever batch completed the pattern. */
  private static String alertOf(String member) {
    return member.replaceFirst("/\\d+:", ":");
  }

  private Computed computedAsExpected(CutRecord cut, List<Payment> batch) {
    Computed computed = parties.compute(cut, batch);
    LinkedParties.Expected expected = parties.expected(cut, batch);
    assertThat(computed.flags())
        .as("batch %d, seed %d", cut.getBatch(), seed)
        .isEqualTo(expected.flags());
    assertThat(computed.members())
        .as("batch %d, seed %d", cut.getBatch(), seed)
        .isEqualTo(expected.members());
    return computed;
  }

  @ParameterizedTest
  @CsvSource({"1, 120", "64, 1500", "256, 1500", "4096, 1500"})
  void alertsAreTheOraclesAtEveryBatchSize(int batchRows, int rows) {
    List<Payment> payments = LinkedParties.payments(seed, rows, DAY);
    Set<String> flags = new HashSet<>();
    Set<String> rulesThatFire = new HashSet<>();
    List<String> members = new ArrayList<>();
    int from = 0;
    for (List<Payment> batch : batches(payments, batchRows)) {
      Computed computed = computedAsExpected(LinkedParties.cut(from / batchRows, 0, DAY), batch);
      parties.commit(computed);
      computed.members().forEach(member -> members.add(alertOf(member)));
      for (String flag : computed.flags()) {
        String[] parts = flag.split("/");
        rulesThatFire.add(parts[0]);
        flags.add(parts[0] + "/" + (from + Integer.parseInt(parts[1])));
      }
      from += batch.size();
    }
    // As one batch.
    var whole = new LinkedParties(CIRCUITS, seed, (a, b, step, words) -> words);
    LinkedParties.Expected expected = whole.expected(LinkedParties.cut(0, 0, DAY), payments);
    assertThat(flags).isEqualTo(expected.flags());
    List<String> once = expected.members().stream().map(LinkageTest::alertOf).toList();
    assertThat(members).isEqualTo(once).doesNotHaveDuplicates();
    if (rows > 1000) {
      assertThat(rulesThatFire).hasSize(PLAN.outputs().size());
      assertThat(parties.totals().late()).isPositive();
      assertThat(parties.totals().ahead()).isPositive();
      assertThat(parties.totals().repeated()).isPositive();
      assertThat(members.stream().map(m -> m.substring(0, m.indexOf(':'))).distinct())
          .as("rules that alert earlier records")
          .hasSize(3);
    }
    for (int party = 0; party < 3; party++) {
      LinkageCounts counts = parties.counts(party);
      assertThat(counts.late()).isEqualTo(parties.totals().late());
      assertThat(counts.full()).isEqualTo(parties.totals().full());
      assertThat(counts.repeated()).isEqualTo(parties.totals().repeated());
      assertThat(counts.ahead()).isEqualTo(parties.totals().ahead());
    }
  }

  @Test
  void undoneAttemptsAndBatchesAheadLeaveNothing() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 900, DAY), 100);
    Computed ahead = null;
    for (int b = 0; b < batches.size(); b++) {
      CutRecord cut = LinkedParties.cut(b, 2, DAY);
      parties.compute(LinkedParties.cut(b, 1, DAY), batches.get(b));
      Computed computed = computedAsExpected(cut, batches.get(b));
      if (b % 3 == 0 && b + 1 < batches.size()) {
        // Computed before this one is committed, and given up.
        parties.compute(LinkedParties.cut(b + 1, 0, DAY), batches.get(b + 1));
        ahead = parties.compute(LinkedParties.cut(b + 1, 1, DAY), batches.get(b + 1));
      }
      parties.commit(computed);
    }
    assertThat(ahead).isNotNull();
  }

  @Test
  void restartsKeepPseudonymsAndWindows() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 900, DAY), 100);
    for (int b = 0; b < batches.size(); b++) {
      parties.restart(b % 3);
      Computed computed = computedAsExpected(LinkedParties.cut(b, 0, DAY), batches.get(b));
      if (b % 2 == 0) {
        // After it has prepared: it commits from its own log what it didn't derive.
        parties.restart((b + 1) % 3);
      }
      parties.commit(computed);
    }
  }

  @Test
  void aNewEpochBeginsWithNothingUnderAnotherKey() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 600, DAY), 100);
    List<ByteBuffer> keys = new ArrayList<>();
    for (int b = 0; b < batches.size(); b++) {
      long day = DAY + b / 2 * LinkedParties.EPOCH_DAYS;
      Computed dropped = parties.compute(LinkedParties.cut(b, 0, day), batches.get(b));
      Computed computed = computedAsExpected(LinkedParties.cut(b, 1, day), batches.get(b));
      parties.commit(computed);
      ByteBuffer key = parties.state(0).getKey();
      if (b % 2 == 0) {
        assertThat(keys).doesNotContain(key, dropped.contents().getFirst().getLinkage().getKey());
        keys.add(key);
        parties.restart(b / 2 % 3);
      } else {
        assertThat(key).isEqualTo(keys.getLast());
      }
    }
    assertThat(keys).hasSize(3);
  }

  private void assertFound(List<Payment> batch, long number) {
    ProtocolAbortException abort =
        catchThrowableOfType(
            ProtocolAbortException.class,
            () -> parties.compute(LinkedParties.cut(number, 0, DAY), batch));
    assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
  }

  @Test
  void aPartyThatLostItsStateOrWentBackIsFound() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 400, DAY), 100);
    parties.commit(computedAsExpected(LinkedParties.cut(0, 0, DAY), batches.get(0)));
    LinkageEpoch first = parties.state(1);
    parties.commit(computedAsExpected(LinkedParties.cut(1, 0, DAY), batches.get(1)));
    LinkageEpoch second = parties.state(1);

    parties.lose(1, true);
    parties.restart(1);
    assertFound(batches.get(2), 2);

    // Another key, with all that is public as it should be.
    ByteBuffer other = ByteBuffer.allocate(second.getKey().remaining());
    other.put(0, second.getKey(), second.getKey().position(), other.remaining());
    other.put(3, (byte) (other.get(3) ^ 4));
    parties.state(1, LinkageEpoch.newBuilder(second).setKey(other).build());
    parties.restart(1);
    assertFound(batches.get(2), 2);

    parties.state(1, second);
    parties.restart(1);
    parties.commit(computedAsExpected(LinkedParties.cut(2, 0, DAY), batches.get(2)));

    // The topic lacks a batch that the state counts on.
    parties.lose(1, false);
    try (var lines = new LogLines(LinkLog.class)) {
      assertThatIllegalStateException().isThrownBy(() -> parties.restart(1));
      assertThat(lines.only())
          .containsEntry("code", "CDT-621")
          .containsEntry("lastBatch", 2L)
          .containsKeys("topic", "partition", "fix");
    }
    // The state was set back, which looks at first as if another process had committed meanwhile.
    parties.state(1, first);
    assertThatThrownBy(() -> parties.restart(1)).isInstanceOf(ProducerFencedException.class);
    try (var lines = new LogLines(LinkLog.class)) {
      assertThatIllegalStateException().isThrownBy(() -> parties.restart(1));
      assertThat(lines.only()).containsEntry("code", "CDT-621").containsEntry("lastBatch", 0L);
    }
  }

  @Test
  void aBatchThatAnotherProcessCommitsMeanwhileIsReadWithTheNextTry() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 400, DAY), 100);
    List<LinkageEpoch> states = new ArrayList<>();
    for (int b = 0; b < 3; b++) {
      parties.commit(computedAsExpected(LinkedParties.cut(b, 0, DAY), batches.get(b)));
      states.add(parties.state(1));
    }
    try (var lines = new LogLines(LinkLog.class)) {
      for (LinkageEpoch read : states.subList(0, 2)) {
        parties.state(1, read);
        assertThatThrownBy(() -> parties.restart(1)).isInstanceOf(ProducerFencedException.class);
      }
      parties.state(1, states.getLast());
      parties.restart(1);
      assertThat(lines.all()).isEmpty();
    }
    parties.commit(computedAsExpected(LinkedParties.cut(3, 0, DAY), batches.get(3)));
  }

  /** Its epoch seems to be over long ago; when the clock is right, it isn't. */
  @Test
  void aStartRemembersTheEpochWhateverTheClockSays() {
    List<List<Payment>> batches = batches(LinkedParties.payments(seed, 400, DAY), 100);
    long far = DAY + 100 * LinkedParties.EPOCH_DAYS;
    for (int b = 0; b < 3; b++) {
      parties.commit(computedAsExpected(LinkedParties.cut(b, 0, DAY), batches.get(b)));
      parties.restart(b, far);
    }
    // What has expired isn't missed.
    parties.topic(1).loseBatch(0);
    try (var lines = new LogLines(LinkLog.class)) {
      parties.restart(1, far);
      assertThat(lines.all()).isEmpty();
    }
    parties.commit(computedAsExpected(LinkedParties.cut(3, 0, far), batches.get(3)));
  }

  @Test
  void anAttemptThatWasBegunAnewDerivesNothing() {
    var linkage =
        new Linkage(PLAN, CIRCUITS.stage(), LinkedParties.BANKS, LinkedParties.EPOCH_DAYS);
    Linkage.Attempt old = linkage.begin(LinkedParties.cut(0, 0, DAY));
    linkage.begin(LinkedParties.cut(0, 1, DAY));
    assertThatThrownBy(
            () ->
                old.derive(
                    new Rep3Parties(seed).suite(new MemoryNetwork(3), 0),
                    new Steps(),
                    List.of(),
                    List.of()))
        .isInstanceOf(CancellationException.class);
  }
}
