package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Steps;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.link.CarriedRows;
import org.concordat.rules.link.CarriedTable;
import org.concordat.rules.link.LinkColumns;
import org.concordat.rules.link.LinkRows;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Kind;
import org.concordat.rules.link.LinkSpec.Measure;
import org.concordat.rules.link.LinkSpec.Track;
import org.concordat.rules.link.LinkSpec.ValueField;
import org.concordat.rules.link.LinkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What is handed on arrives under the pseudonyms that the JDK's AES gives. */
class CarryStageTest {
  /** Accounts; more where it is measured. */
  private static final int ENTITIES = Integer.getInteger("concordat.carried.entities", 150);

  private static final int MINUTE = 29_000_000;
  private static final LinkSpec SPEC =
      new LinkSpec(
          64,
          Math.max(1000, ENTITIES),
          Math.max(1000, ENTITIES),
          List.of(new EntityField("payer", 0), new EntityField("payee", 2)),
          -1,
          List.of(new ValueField("amount", 4, 1_000_000)),
          List.of(new Track(1, 24 * 60, 100, -1), new Track(1, 7 * 24 * 60, 100, -1)),
          List.of(
              new Measure("sum", 1, 0, Kind.SUM, 0),
              new Measure("count", 1, 0, Kind.COUNT, -1),
              new Measure("banks", 1, 0, Kind.BANKS, -1),
              new Measure("known", 1, 1, Kind.SINCE_FIRST, -1),
              new Measure("quiet", 1, 1, Kind.SINCE_LAST, -1)),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          true);

  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);
  private final long[][] hashes = new long[2][ENTITIES];
  private final long[] amounts = new long[ENTITIES];
  private final int[] banks = new int[ENTITIES];

  /** A payment to each account, as each party holds it; minutes descend. */
  private List<LinkRows> payments(long[] pseudonyms, int minute) {
    long[][][] value = new long[3][1][ENTITIES];
    long[][][] hash = new long[3][4][ENTITIES];
    int[] minutes = new int[ENTITIES];
    long[] transactions = new long[ENTITIES];
    boolean[] counted = new boolean[ENTITIES];
    Arrays.fill(counted, true);
    for (int row = 0; row < ENTITIES; row++) {
      minutes[row] = minute - row % 1000;
      transactions[row] = random.nextLong();
      value[0][0][row] = random.nextLong();
      value[1][0][row] = random.nextLong();
      value[2][0][row] = amounts[row] - value[0][0][row] - value[1][0][row];
      for (int word = 0; word < 2; word++) {
        hash[0][2 + word][row] = random.nextLong();
        hash[1][2 + word][row] = random.nextLong();
        hash[2][2 + word][row] =
            hashes[word][row] ^ hash[0][2 + word][row] ^ hash[1][2 + word][row];
      }
    }
    return IntStream.range(0, 3)
        .mapToObj(
            party ->
                new LinkRows(
                    new long[][] {new long[ENTITIES], pseudonyms},
                    banks,
                    minutes,
                    transactions,
                    counted,
                    new long[][][] {value[party], value[(party + 1) % 3]},
                    new long[2][ENTITIES],
                    new boolean[ENTITIES],
                    new long[][][] {hash[party], hash[(party + 1) % 3]}))
        .toList();
  }

  private static int publicAt(Suite suite) {
    return suite.component(0) == 0 ? 0 : suite.component(1) == 0 ? 1 : -1;
  }

  /** What one party has afterwards, and its memory of the new epoch. */
  private record Handed(LinkageKey key, CarriedTable table, LinkState state) {}

  private List<Handed> handed(long[] pseudonyms, TestReporter reporter) {
    List<LinkRows> payments = payments(pseudonyms, MINUTE);
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(3);
    var stage = new CarryStage(SPEC.linkageBits());
    List<CarriedRows> handedOn = new ArrayList<>();
    for (int party = 0; party < 3; party++) {
      var state = new LinkState(SPEC, 2);
      state.derive(payments.get(party));
      state.commit();
      handedOn.addAll(state.carry(publicAt(parties.suite(network, party))));
    }
    assertThat(handedOn.stream().map(CarriedRows::checksum).distinct()).hasSize(1);
    long begun = System.nanoTime();
    List<Handed> handed =
        network.run(
            party ->
                () -> {
                  Suite suite = parties.suite(network, party);
                  var steps = new Steps();
                  LinkageKey key = LinkageKey.draw(suite, steps);
                  CarriedTable table =
                      stage.evaluate(suite, steps, key, handedOn.get(party), "carry");
                  return new Handed(key, table, new LinkState(SPEC, 2, false, List.of(table)));
                });
    reporter.publishEntry(
        Map.of(
            "entities", "" + ENTITIES,
            "words", "" + SPEC.carriedWords(),
            "millis", "" + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)));
    return handed;
  }

  @Test
  void numbersGoOnUnderTheNewPseudonyms(TestReporter reporter) throws Exception {
    long[] before = random.longs(ENTITIES).toArray();
    for (int row = 0; row < ENTITIES; row++) {
      hashes[0][row] = random.nextLong();
      hashes[1][row] = random.nextLong();
      amounts[row] = random.nextInt(1_000_000);
      banks[row] = row % 3 * 35;
    }
    List<Handed> handed = handed(before, reporter);
    byte[] key = TokenStageTest.rebuilt(handed.stream().map(Handed::key).toList());
    long[] after = new long[ENTITIES];
    Set<Long> expected = new HashSet<>();
    for (int row = 0; row < ENTITIES; row++) {
      after[row] = TokenStageTest.jdk(key, hashes[0][row], hashes[1][row]);
      expected.add(after[row]);
    }
    int padded = Math.max(64, Integer.highestOneBit(2 * ENTITIES - 1));
    for (Handed of : handed) {
      long[] opened = of.table().pseudonyms();
      assertThat(opened).hasSize(padded).isSorted().doesNotHaveDuplicates();
      assertThat(Arrays.stream(opened).filter(expected::contains).count()).isEqualTo(ENTITIES);
      assertThat(opened).isEqualTo(handed.getFirst().table().pseudonyms());
    }
    assertNumbers(handed, after);
  }

  /** A payment to each account in the new epoch sees that of the old one. */
  private void assertNumbers(List<Handed> handed, long[] after) {
    List<LinkRows> payments = payments(after, MINUTE + 2000);
    var parties = new Rep3Parties(seed + 1);
    var network = new MemoryNetwork(3);
    var banksOf = new BankStage(handed.getFirst().table().banks());
    List<LinkColumns> columns =
        network.run(
            party ->
                () -> {
                  Suite suite = parties.suite(network, party);
                  LinkColumns derived = handed.get(party).state().derive(payments.get(party));
                  banksOf.evaluate(suite, new Steps(), SPEC, derived, ENTITIES);
                  return derived;
                });
    for (int row = 0; row < ENTITIES; row++) {
      long[] numbers = new long[5];
      for (int column = 0; column < 5; column++) {
        // Component 0 is at the first party's first place, 2 at the last one's.
        numbers[column] =
            columns.get(0).whole(0, column)[row]
                + columns.get(1).shared(0, column)[row]
                + columns.get(2).shared(0, column)[row];
      }
      // 2,000 minutes later: beyond the windows of a day, within those of a week.
      assertThat(numbers).as("row %d, seed %d", row, seed).containsExactly(0, 0, 0, 2000, 2000);
    }
    assertSeenAtOnce(handed, after);
  }

  /** The same right after the epoch's beginning, with records of other transactions. */
  private void assertSeenAtOnce(List<Handed> handed, long[] after) {
    List<LinkRows> payments = payments(after, MINUTE + 10);
    var parties = new Rep3Parties(seed + 2);
    var network = new MemoryNetwork(3);
    List<LinkColumns> columns =
        network.run(
            party ->
                () -> {
                  var state = new LinkState(SPEC, 2, false, List.of(handed.get(party).table()));
                  LinkColumns derived = state.derive(payments.get(party));
                  new BankStage(handed.get(party).table().banks())
                      .evaluate(
                          parties.suite(network, party), new Steps(), SPEC, derived, ENTITIES);
                  return derived;
                });
    for (int row = 0; row < ENTITIES; row++) {
      long[] numbers = new long[3];
      for (int column = 0; column < 3; column++) {
        numbers[column] =
            columns.get(0).whole(0, column)[row]
                + columns.get(1).shared(0, column)[row]
                + columns.get(2).shared(0, column)[row];
      }
      assertThat(numbers).as("row %d, seed %d", row, seed).containsExactly(amounts[row], 1, 1);
    }
  }
}
