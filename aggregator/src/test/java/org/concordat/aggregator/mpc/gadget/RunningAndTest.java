package org.concordat.aggregator.mpc.gadget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Steps;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a loop over the rows. */
class RunningAndTest {
  private final long seed = Seeds.seed();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "63, 5",
    "64, 64",
    "65, 65",
    "1000, 1",
    "1000, 40",
    "1000, 129",
    "1000, 1000"
  })
  void isTheConjunctionOfTheRunSoFar(int rows, int longest) {
    int[] places = new int[rows];
    for (int row = 1; row < rows; row++) {
      boolean begins = places[row - 1] + 1 == longest || random.nextInt(2 * longest) == 0;
      places[row] = begins ? 0 : places[row - 1] + 1;
    }
    long[] bits = new long[rows];
    Arrays.setAll(bits, row -> random.nextInt(longest) == 0 ? 0 : 1);
    long[] expected = bits.clone();
    for (int row = 1; row < rows; row++) {
      expected[row] &= places[row] == 0 ? 1 : expected[row - 1];
    }
    var shares = new Rep3Parties(seed);
    var parties = new Columns[Rep3Parties.PARTIES];
    Arrays.setAll(parties, party -> new Columns(2, RunningAnd.SLOTS, (rows + 63) / 64));
    shares.putBits(parties, new int[] {0}, bits);
    Set<String> steps = ConcurrentHashMap.newKeySet();
    var network =
        new MemoryNetwork(
            Rep3Parties.PARTIES,
            (from, to, step, words) -> {
              steps.add(step.path());
              return words;
            });
    network.<Boolean>run(
        party ->
            () -> {
              RunningAnd.over(
                  shares.suite(network, party), new Steps(), "run", parties[party], places);
              return true;
            });
    assertThat(Rep3Parties.bits(parties, new int[] {0}, rows))
        .as("seed %d", seed)
        .isEqualTo(expected);
    int reached = Arrays.stream(places).max().orElseThrow() + 1;
    assertThat(steps).hasSize(Integer.SIZE - Integer.numberOfLeadingZeros(reached - 1));
  }
}
