package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.junit.jupiter.api.Test;

/**
 * What one aggregator receives from its peers while it evaluates a plan looks like noise, whatever
 * the rows are: 4,096 equal rows give flights whose bits are balanced at every position, and other
 * flights the next time. The openings themselves are left out: they are what the parties may learn.
 */
class ReceivedFlightsTest {
  private static final double SIGMAS = 6;

  private final RandomPlan random = new RandomPlan(Seeds.seed());
  private final Batch batch = equalRows(random);
  private final PlanEvaluator evaluator = new PlanEvaluator(random.plan);

  private static Batch equalRows(RandomPlan random) {
    long[] row = random.row();
    long[][] block = new long[BlockShares.ROWS_MAX][];
    Arrays.fill(block, row);
    return Batch.share(random.plan.layout(), List.of(block, block, block, block));
  }

  /** Words that a party received, by step. */
  private Map<String, long[]> received(int receiver, byte[][] keys) {
    Map<String, long[]> flights = new ConcurrentHashMap<>();
    var network =
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              if (to == receiver && !step.path().contains("open-")) {
                flights.put(from + " " + step.path(), words.clone());
              }
              return words;
            });
    network.run(
        party ->
            () ->
                evaluator.evaluate(
                    new Rep3(
                        network.channel(party),
                        keys[party],
                        keys[(party + 1) % Rep3Parties.PARTIES]),
                    batch.byParty().get(party),
                    FlagBudget.unlimited(batch.rows().size(), random.plan.outputs().size())));
    return new TreeMap<>(flights);
  }

  private static byte[][] keys(int... fill) {
    byte[][] keys = new byte[fill.length][32];
    for (int i = 0; i < fill.length; i++) {
      Arrays.fill(keys[i], (byte) fill[i]);
    }
    return keys;
  }

  /** Steps of which some bit position isn't balanced. */
  private static List<String> unbalanced(Map<String, long[]> flights) {
    var unbalanced = new ArrayList<String>();
    flights.forEach(
        (step, words) -> {
          double deviationMax = SIGMAS * Math.sqrt(words.length) / 2;
          for (int bit = 0; bit < Long.SIZE; bit++) {
            int at = bit;
            long ones = Arrays.stream(words).filter(word -> (word >>> at & 1) == 1).count();
            if (Math.abs(ones - words.length / 2.0) > deviationMax) {
              unbalanced.add(step);
              return;
            }
          }
        });
    return unbalanced;
  }

  @Test
  void areBalancedAndFreshAtEveryParty() {
    for (int receiver = 0; receiver < Rep3Parties.PARTIES; receiver++) {
      Map<String, long[]> first = received(receiver, keys(1, 2, 3));
      Map<String, long[]> second = received(receiver, keys(4, 5, 6));
      assertThat(first).hasSizeGreaterThan(10).containsOnlyKeys(second.keySet());
      assertThat(unbalanced(first)).as("received by party %d", receiver).isEmpty();
      first.forEach(
          (step, words) -> {
            long[] other = second.get(step);
            long equal = 0;
            for (int i = 0; i < words.length; i++) {
              equal += words[i] == other[i] ? 1 : 0;
            }
            assertThat(equal).as("words alike in two attempts at %s", step).isZero();
          });
    }
  }

  /** Equal keys make every zero share zero, and products go out unmasked. */
  @Test
  void aPartyThatDoesNotMaskIsSeen() {
    assertThat(unbalanced(received(0, keys(1, 1, 1)))).hasSizeGreaterThan(5);
  }
}
