package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.ProtocolAbortException.Fault;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.worker.LinkedParties.Computed;
import org.concordat.aggregator.worker.LinkedParties.Payment;
import org.concordat.rules.RuleSet;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.PublicNodes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.LinkageEpoch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entities that share buckets: batches on shares against the oracle, which knows the names. */
class HiddenLinkageTest {
  private static final int DAY = 20_000;
  private static final Plan PLAN =
      RuleSet.load(Path.of("src/test/resources/rulesets/hidden")).plan();
  private static final LinkedParties.Circuits CIRCUITS = LinkedParties.Circuits.of(PLAN);

  private final long seed = Seeds.seed();
  private final LinkedParties parties =
      new LinkedParties(CIRCUITS, seed, (from, to, step, words) -> words);

  /** Of the linked contract without its payment's name. */
  private List<Payment> payments(int rows) {
    int fields = PLAN.layout().fields().size();
    return LinkedParties.payments(seed, rows, DAY).stream()
        .map(
            of ->
                new Payment(
                    of.bank(),
                    minute(of),
                    // Only versions of one bank's transaction are the same.
                    LinkedParties.BANKS.size() * of.transaction() + of.bank(),
                    of.isLive(),
                    Arrays.copyOf(of.fields(), fields)))
        .toList();
  }

  /** None that is ahead is in time: it would close the panes of all others until the day's end. */
  private static int minute(Payment payment) {
    int end = (DAY + 1) * LinkRows.DAY_MINUTES;
    return payment.minute() < end ? payment.minute() : end + LinkRows.LEAD_MINUTES;
  }

  private static List<Payment> batch(List<Payment> payments, int number, int rows) {
    return payments.subList(number * rows, Math.min(payments.size(), (number + 1) * rows));
  }

  private Computed computedAsExpected(CutRecord cut, List<Payment> batch) {
    Computed computed = parties.compute(cut, batch);
    assertThat(computed.flags())
        .as("batch %d, seed %d", cut.getBatch(), seed)
        .isEqualTo(parties.expected(cut, batch).flags());
    return computed;
  }

  @ParameterizedTest
  @CsvSource({"1, 60", "100, 1500", "256, 1500", "4096, 1500"})
  void alertsAreTheOraclesAtEveryBatchSize(int batchRows, int rows) {
    List<Payment> payments = payments(rows);
    Set<String> flags = new HashSet<>();
    for (int number = 0; number * batchRows < rows; number++) {
      Computed computed =
          computedAsExpected(LinkedParties.cut(number, 0, DAY), batch(payments, number, batchRows));
      parties.commit(computed);
      for (String flag : computed.flags()) {
        String[] parts = flag.split("/");
        flags.add(parts[0] + "/" + (number * batchRows + Integer.parseInt(parts[1])));
      }
    }
    var whole = new LinkedParties(CIRCUITS, seed, (a, b, step, words) -> words);
    assertThat(flags).isEqualTo(whole.expected(LinkedParties.cut(0, 0, DAY), payments).flags());
    LinkageCounts counts = parties.counts(1);
    assertThat(counts.late()).isEqualTo(parties.totals().late());
    assertThat(counts.untracked()).isEqualTo(parties.totals().untracked());
    assertThat(counts.repeated()).isEqualTo(parties.totals().repeated());
    assertThat(counts.ahead()).isEqualTo(parties.totals().ahead());
    if (rows > 1000) {
      assertThat(flags.stream().map(flag -> flag.split("/")[0]).distinct())
          .as("rules that fire")
          .hasSize(PLAN.outputs().size());
      assertThat(List.of(counts.late(), counts.untracked(), counts.repeated(), counts.ahead()))
          .as("seed %d", seed)
          .allSatisfy(count -> assertThat(count).isPositive());
    }
  }

  @Test
  void restartsAndUndoneAttemptsChangeNothing() {
    List<Payment> payments = payments(800);
    for (int number = 0; number < 8; number++) {
      List<Payment> batch = batch(payments, number, 100);
      parties.restart(number % 3);
      parties.compute(LinkedParties.cut(number, 0, DAY), batch);
      Computed computed = computedAsExpected(LinkedParties.cut(number, 1, DAY), batch);
      if (number % 2 == 0) {
        // It commits from its own log what it didn't derive.
        parties.restart((number + 1) % 3);
      } else {
        parties.compute(LinkedParties.cut(number + 1, 0, DAY), batch(payments, number, 50));
      }
      parties.commit(computed);
    }
  }

  @Test
  void aStartGoesOnFromASnapshot() throws Exception {
    parties.writeSnapshots(100);
    List<Payment> payments = payments(1_200);
    int number = 0;
    while (!parties.allNameSnapshots()) {
      assertThat(number).as("batches until all name a snapshot").isLessThan(10);
      parties.commit(
          computedAsExpected(LinkedParties.cut(number, 0, DAY), batch(payments, number, 100)));
      number++;
      // Threads that write have the time to take what there is.
      TimeUnit.MILLISECONDS.sleep(20);
    }
    for (int party = 0; party < 3; party++) {
      parties.restart(party);
      assertThat(parties.counts(party).rowsSince()).isLessThan(number * 100L);
    }
    parties.commit(
        computedAsExpected(LinkedParties.cut(number, 0, DAY), batch(payments, number, 100)));
  }

  @Test
  void aBatchOfTooManyPairsIsComputedInParts() {
    parties.limitPairs(2_000);
    List<Payment> payments = payments(400);
    Set<String> flags = new HashSet<>();
    int refused = 0;
    int from = 0;
    int rows = 100;
    for (int number = 0, attempt = 0; from < payments.size(); attempt++) {
      CutRecord cut = LinkedParties.cut(number, attempt, DAY);
      List<Payment> batch = payments.subList(from, Math.min(payments.size(), from + rows));
      Computed computed = null;
      try {
        computed = parties.compute(cut, batch);
      } catch (TooManyPairsException e) {
        // An epoch's first batch is never refused, though it has more: 100 records in 4 buckets.
        assertThat(number).as("seed %d", seed).isPositive();
        refused++;
        rows = Math.max(1, rows / 2);
      }
      if (computed != null) {
        parties.commit(computed);
        for (String flag : computed.flags()) {
          String[] parts = flag.split("/");
          flags.add(parts[0] + "/" + (from + Integer.parseInt(parts[1])));
        }
        from += batch.size();
        number++;
      }
    }
    assertThat(refused).as("seed %d", seed).isPositive();
    var whole = new LinkedParties(CIRCUITS, seed, (a, b, step, words) -> words);
    assertThat(flags).isEqualTo(whole.expected(LinkedParties.cut(0, 0, DAY), payments).flags());
  }

  @Test
  void aNewEpochBeginsWithNothingUnderAnotherKey() {
    List<Payment> payments = payments(300);
    Set<Object> keys = new HashSet<>();
    for (int number = 0; number < 3; number++) {
      long day = DAY + number / 2 * LinkedParties.EPOCH_DAYS;
      parties.commit(
          computedAsExpected(LinkedParties.cut(number, 0, day), batch(payments, number, 100)));
      keys.add(parties.state(0).getKey());
    }
    assertThat(keys).hasSize(2);
  }

  @Test
  void aPartyThatWentBackIsFound() {
    List<Payment> payments = payments(300);
    parties.commit(computedAsExpected(LinkedParties.cut(0, 0, DAY), batch(payments, 0, 100)));
    LinkageEpoch first = parties.state(1);
    parties.commit(computedAsExpected(LinkedParties.cut(1, 0, DAY), batch(payments, 1, 100)));
    parties.lose(1, false);
    parties.state(1, first);
    parties.restart(1);
    ProtocolAbortException abort =
        catchThrowableOfType(
            ProtocolAbortException.class,
            () -> parties.compute(LinkedParties.cut(2, 0, DAY), batch(payments, 2, 100)));
    assertThat(abort.fault()).isEqualTo(Fault.HELD_DIFFER);
  }

  @Test
  void opensTheBucketsAndTheFlagsAndNothingElse() {
    List<Payment> payments = payments(128);
    var tokens = new AtomicLong();
    Set<String> openings = new HashSet<>();
    var watched =
        new LinkedParties(
            CIRCUITS,
            seed,
            (from, to, step, words) -> {
              if (step.path().contains("open") && words.length > 4) {
                synchronized (openings) {
                  openings.add(step.path());
                }
                tokens.addAndGet(step.path().startsWith("tokens") && from == 0 ? words.length : 0);
              }
              return words;
            });
    watched.compute(LinkedParties.cut(0, 0, DAY), payments);
    assertThat(openings).allMatch(path -> path.equals("tokens0/open") || path.startsWith("pass"));
    int blocks = 1 + (int) IntStream.range(1, 128).filter(i -> begins(payments, i)).count();
    // Two bits of each of two accounts; a block of few rows takes a word.
    assertThat(tokens.get()).isBetween(2L * 2 * 2, 2L * 2 * (2 + blocks));
  }

  private static boolean begins(List<Payment> payments, int row) {
    Payment before = payments.get(row - 1);
    return payments.get(row).bank() != before.bank()
        || payments.get(row).isLive() != before.isLive();
  }

  @Test
  void noRuleOverWindowsIsComputedInTheClear() {
    boolean[] isPublic = PublicNodes.of(PLAN);
    assertThat(PLAN.outputs()).allMatch(output -> !isPublic[output.flag()]);
  }
}
