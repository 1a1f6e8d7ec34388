package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.ProtocolAbortException;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.rules.plan.Node;
import org.concordat.rules.plan.Plan;
import org.concordat.rules.plan.RuleOutput;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

class PlanEvaluatorTest {
  private static final int[] BLOCK_ROWS = {1, 63, 64, 65, 3, 200, 1024, 1};

  private final long seed = Seeds.seed();

  private static FlagBudget uncapped(Plan plan, Batch batch) {
    return FlagBudget.unlimited(batch.rows().size(), plan.outputs().size());
  }

  private List<Outcome> evaluate(Plan plan, PlanEvaluator evaluator, Batch batch, long keySeed) {
    var parties = new Rep3Parties(keySeed);
    var network = new MemoryNetwork(3);
    return network.run(
        party ->
            () ->
                evaluator.evaluate(
                    parties.suite(network, party),
                    batch.byParty().get(party),
                    uncapped(plan, batch)));
  }

  @Test
  void equalsThePlainPlanOnRandomPlans() {
    for (int i = 0; i < 25; i++) {
      var random = new RandomPlan(seed + i);
      Batch batch = Batch.random(random, BLOCK_ROWS);
      long passBytes = i % 2 == 0 ? PlanEvaluator.PASS_BYTES_MAX : 1;
      var evaluator = new PlanEvaluator(random.plan, Map.of(), i % 3 == 0, passBytes);
      List<Outcome> outcomes = evaluate(random.plan, evaluator, batch, seed + i);
      assertEqualsPlain(random.plan, batch, outcomes, i % 3 == 0);
      // Buffers of an earlier batch are used again by a smaller one.
      Batch smaller = Batch.random(random, 5, 130);
      assertEqualsPlain(
          random.plan,
          smaller,
          evaluate(random.plan, evaluator, smaller, seed - 1 - i),
          i % 3 == 0);
    }
  }

  private void assertEqualsPlain(
      Plan plan, Batch batch, List<Outcome> outcomes, boolean opensScores) {
    var expected = new ArrayList<String>();
    int[] counts = new int[plan.outputs().size()];
    for (int block = 0; block < batch.rows().size(); block++) {
      for (int row = 0; row < batch.rows().get(block).length; row++) {
        long[] values = PlainPlan.values(plan, batch.rows().get(block)[row]);
        for (int o = 0; o < counts.length; o++) {
          RuleOutput output = plan.outputs().get(o);
          if (output.live() && values[output.flag()] == 1) {
            counts[o]++;
            expected.add(o + "/" + block + "/" + row + Arrays.toString(details(output, values)));
          }
          if (opensScores && output.live() && output.score().isPresent()) {
            OpenedScores scores = outcomes.get(row % 3).scores();
            assertThat(scores).isNotNull();
            assertThat(scores.score(o, block, row)).isEqualTo(values[output.score().getAsInt()]);
          }
        }
      }
    }
    assertThat(rebuilt(plan, outcomes)).as("seed %d", seed).isEqualTo(expected);
    for (Outcome outcome : outcomes) {
      assertThat(outcome.digest()).hasSize(32).isEqualTo(outcomes.getFirst().digest());
      for (int o = 0; o < counts.length; o++) {
        assertThat(outcome.flagCount(o)).isEqualTo(counts[o]);
      }
    }
  }

  private static long[] details(RuleOutput output, long[] values) {
    long[] words = new long[output.detailWords()];
    int at = 0;
    if (output.score().isPresent()) {
      words[at++] = values[output.score().getAsInt()];
    }
    for (int j = 0; j < output.reasons().size(); j++) {
      words[at] |= values[output.reasons().get(j).bit()] << j;
    }
    return words;
  }

  /** What the bank's reader would put together from all three parties' rows. */
  private static List<String> rebuilt(Plan plan, List<Outcome> outcomes) {
    var rows = new ArrayList<String>();
    for (int i = 0; i < outcomes.getFirst().flagged().size(); i++) {
      FlaggedRow[] parts = new FlaggedRow[3];
      for (int party = 0; party < 3; party++) {
        parts[party] = outcomes.get(party).flagged().get(i);
        assertThat(parts[party]).hasToString(parts[0].toString());
      }
      RuleOutput output = plan.outputs().get(parts[0].output());
      long[] words = new long[output.detailWords()];
      for (int w = 0; w < words.length; w++) {
        long[] x = new long[3];
        for (int party = 0; party < 3; party++) {
          x[party] = parts[party].firstWords()[w];
          assertThat(parts[(party + 2) % 3].secondWords()[w]).isEqualTo(x[party]);
        }
        boolean isSum = w == 0 && output.score().isPresent();
        words[w] = isSum ? x[0] + x[1] + x[2] : x[0] ^ x[1] ^ x[2];
      }
      rows.add(
          parts[0].output()
              + "/"
              + parts[0].block()
              + "/"
              + parts[0].row()
              + Arrays.toString(words));
    }
    return rows;
  }

  @Test
  void detailsAreFreshInEachAttemptAndTheDigestIsNot() {
    var random = new RandomPlan(seed);
    Batch batch = Batch.random(random, 300);
    var evaluator = new PlanEvaluator(random.plan);
    Outcome one = evaluate(random.plan, evaluator, batch, seed + 1).getFirst();
    Outcome other = evaluate(random.plan, evaluator, batch, seed + 2).getFirst();
    assertThat(one.digest()).isEqualTo(other.digest());
    assertThat(one.flagged()).isNotEmpty();
    var seen = new HashSet<Long>();
    for (Outcome outcome : List.of(one, other)) {
      for (FlaggedRow row : outcome.flagged()) {
        for (long[] words : List.of(row.firstWords(), row.secondWords())) {
          for (long word : words) {
            assertThat(seen.add(word)).isTrue();
          }
        }
      }
    }
  }

  @Test
  void theDigestDependsOnFlagsAndShape() {
    Plan plan = oneBit(true);
    var digests = new HashSet<String>();
    for (List<long[][]> rows :
        List.of(
            List.<long[][]>of(new long[][] {{0}, {0}}),
            List.<long[][]>of(new long[][] {{1}, {0}}),
            List.<long[][]>of(new long[][] {{0}, {1}}),
            List.<long[][]>of(new long[][] {{1}}, new long[][] {{0}}))) {
      Batch batch = Batch.share(plan.layout(), rows);
      List<Outcome> outcomes = evaluate(plan, new PlanEvaluator(plan), batch, seed);
      digests.add(Arrays.toString(outcomes.getFirst().digest()));
    }
    assertThat(digests).hasSize(4);
  }

  @Test
  void aShadowRuleOpensNothing() {
    Plan plan = oneBit(false);
    Batch batch = Batch.share(plan.layout(), List.<long[][]>of(new long[][] {{1}, {1}}));
    var flights = new ArrayList<String>();
    var network =
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              flights.add(step.path());
              return words;
            });
    var parties = new Rep3Parties(seed);
    var evaluator = new PlanEvaluator(plan);
    List<Outcome> outcomes =
        network.run(
            party ->
                () ->
                    evaluator.evaluate(
                        parties.suite(network, party),
                        batch.byParty().get(party),
                        uncapped(plan, batch)));
    assertThat(flights).isEmpty();
    assertThat(outcomes.getFirst().flagged()).isEmpty();
    assertThat(outcomes.getFirst().flagCount(0)).isZero();
  }

  @Test
  void aCheatedFlagNamesItsStep() {
    Plan plan = oneBit(true);
    Batch batch = Batch.share(plan.layout(), List.<long[][]>of(new long[][] {{1}, {0}}));
    var network =
        new MemoryNetwork(
            3,
            (from, to, step, words) -> {
              if (from == 1 && to == 2 && step.path().endsWith("open-flags")) {
                words[0] ^= 2;
              }
              return words;
            });
    var parties = new Rep3Parties(seed);
    ProtocolAbortException abort =
        catchThrowableOfType(
            ProtocolAbortException.class,
            () ->
                network.run(
                    party ->
                        () ->
                            new PlanEvaluator(plan)
                                .evaluate(
                                    parties.suite(network, party),
                                    batch.byParty().get(party),
                                    uncapped(plan, batch))));
    assertThat(abort.peer()).isEqualTo(1);
    assertThat(abort.step().path()).isEqualTo("pass0/open-flags");
  }

  private static FlagBudget budget(int blocks) {
    return FlagBudget.unlimited(blocks, 1);
  }

  @Test
  void refusesBlocksOfAnotherLayoutAndTooManyRows() {
    Plan plan = oneBit(true);
    var suite = new Rep3Parties(seed).suite(new MemoryNetwork(3), 0);
    var evaluator = new PlanEvaluator(plan);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.evaluate(suite, List.of(), budget(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                evaluator.evaluate(
                    suite, List.of(new BlockShares(1, new long[2], new long[2])), budget(1)));
    var most = new BlockShares(1024, new long[16], new long[16]);
    List<BlockShares> tooMany =
        java.util.Collections.nCopies(PlanEvaluator.SLOTS_MAX / 1024 + 1, most);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator.evaluate(suite, tooMany, budget(tooMany.size())));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BlockShares(1025, new long[1], new long[1]));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BlockShares(0, new long[1], new long[1]));
  }

  @Test
  void independentNodesShareRounds() {
    var random = new RandomPlan(seed);
    // Two stages of an extreme, then a sum's sign at 64 bits, then three layers of logic of up to
    // 7 bits.
    assertThat(new PlanEvaluator(random.plan).rounds()).isLessThanOrEqualTo(2 * 11 + 8 + 3 * 7);
  }

  @Test
  void plansWhoseFlightsAreTooLongAreRefused() {
    new PlanEvaluator(conversions(128));
    assertThatIllegalArgumentException().isThrownBy(() -> new PlanEvaluator(conversions(129)));
  }

  /** Converts a number of 64-bit codes, all in one flight. */
  private static Plan conversions(int codes) {
    var fields = new ArrayList<ShareField>();
    var nodes = new ArrayList<Node>();
    var words = new ArrayList<Integer>();
    for (int i = 0; i < codes; i++) {
      fields.add(ShareField.bits(64));
      nodes.add(new Node.Input(i, Domain.BOOLEAN, 64));
      nodes.add(new Node.ToArithmetic(2 * i));
      words.add(2 * i + 1);
    }
    nodes.add(new Node.Linear(words, words.stream().map(unused -> 1L).toList(), 0));
    nodes.add(new Node.Negative(nodes.size() - 1, 64));
    int flag = nodes.size() - 1;
    return plan(fields, nodes, flag, true);
  }

  private static Plan oneBit(boolean live) {
    return plan(
        List.of(ShareField.bits(1)), List.of(new Node.Input(0, Domain.BOOLEAN, 1)), 0, live);
  }

  private static Plan plan(List<ShareField> fields, List<Node> nodes, int flag, boolean live) {
    return new Plan(
        "one",
        1,
        new byte[32],
        "one",
        1,
        new byte[32],
        new ShareLayout(fields),
        nodes,
        List.of(new RuleOutput("rule", "Rule", live, flag, OptionalInt.empty(), 1, 0, List.of())));
  }
}
