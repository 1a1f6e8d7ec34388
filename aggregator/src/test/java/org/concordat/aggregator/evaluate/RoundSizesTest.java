package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.rep3.Rep3;
import org.concordat.rules.RuleSet;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No round of shipped rule sets brings more than the links' limits are made for. */
class RoundSizesTest {
  private static final int BLOCKS = 3;

  private static Plan plan(String name) {
    return RuleSet.load(Path.of("../rules/src/main/rulesets", name)).plan();
  }

  /** Rows whose fields are as large as they may be, so that much is flagged. */
  private static long[][] block(Plan plan, int rows) {
    List<ShareField> fields = plan.layout().fields();
    long[] row = new long[fields.size()];
    for (int field = 0; field < row.length; field++) {
      ShareField of = fields.get(field);
      row[field] =
          of.domain() == Domain.ARITHMETIC ? Integer.MAX_VALUE : (1L << of.widthBits()) - 1;
    }
    long[][] block = new long[rows][];
    Arrays.fill(block, row);
    return block;
  }

  private static RoundSizes evaluated(Plan plan, int rows, int flags) {
    List<long[][]> blocks = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      blocks.add(block(plan, rows));
    }
    Batch batch = Batch.share(plan.layout(), blocks);
    var sizes = new RoundSizes();
    var network = new MemoryNetwork(Rep3Parties.PARTIES, sizes);
    byte[][] keys = {new byte[32], new byte[32], new byte[32]};
    for (int i = 0; i < keys.length; i++) {
      keys[i][0] = (byte) i;
    }
    network.run(
        party ->
            () ->
                new PlanEvaluator(plan)
                    .evaluate(
                        new Rep3(
                            network.channel(party),
                            keys[party],
                            keys[(party + 1) % Rep3Parties.PARTIES]),
                        batch.byParty().get(party),
                        budget(plan, flags)));
    return sizes;
  }

  private static FlagBudget budget(Plan plan, int flags) {
    long[][] left = new long[plan.outputs().size()][1];
    Arrays.stream(left).forEach(of -> of[0] = flags);
    return new FlagBudget(new int[BLOCKS], left);
  }

  private static int slots(int rows) {
    return BLOCKS * Math.ceilDiv(rows, Columns.LANES) * Columns.LANES;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "payments", "transfers"})
  void noRoundIsLonger(String name) {
    Plan plan = plan(name);
    for (int rows : new int[] {1, 700}) {
      long bound = new PlanEvaluator(plan).roundWordsMax(slots(rows));
      assertThat(evaluated(plan, rows, Integer.MAX_VALUE).largest()).isBetween(bound / 4, bound);
      assertThat(evaluated(plan, rows, 3).largest()).as("with caps").isLessThanOrEqualTo(bound);
    }
  }

  @Test
  void aFlightAloneIsShorterThanItsRound() {
    PlanCircuit compiled = PlanCircuit.of(plan("bench"));
    assertThat(compiled.circuit().roundSlots()).isGreaterThan(compiled.circuit().flightSlots());
  }
}
