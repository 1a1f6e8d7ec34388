package org.concordat.aggregator.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.concordat.aggregator.mpc.MemoryNetwork;
import org.concordat.aggregator.mpc.Rep3Parties;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.aggregator.mpc.Suite;
import org.concordat.rules.plan.Plan;
import org.concordat.schemas.share.Domain;
import org.concordat.schemas.share.ShareField;
import org.junit.jupiter.api.Test;

/** Held against a plain count of flags in commit order. */
class FlagCapTest {
  private static final int[] BLOCK_ROWS = {5, 64, 100, 1, 63, 65, 200, 17};

  /** Blocks of history lie between those of a bank, as a bank can have it. */
  private static final int[] OWNERS = {0, FlagBudget.NOBODY, 0, 1, 1, 2, FlagBudget.NOBODY, 2};

  private static final int BANKS = 3;

  private final long seed = Seeds.seed();

  /** What may be opened, as "output/block/row", and what is held. */
  private record Expected(TreeSet<String> opened, List<HeldRows> held) {}

  private static Expected expected(Plan plan, Batch batch, long[][] left) {
    var opened = new TreeSet<String>();
    var held = new ArrayList<HeldRows>();
    for (int output = 0; output < plan.outputs().size(); output++) {
      if (!plan.outputs().get(output).live()) {
        continue;
      }
      long[] remaining = left[output].clone();
      for (int owner = 0; owner < BANKS; owner++) {
        int firstBlock = -1;
        int firstRow = -1;
        long rows = 0;
        for (int block = 0; block < OWNERS.length; block++) {
          for (int row = 0; OWNERS[block] == owner && row < BLOCK_ROWS[block]; row++) {
            if (remaining[owner] == 0) {
              rows++;
              firstRow = firstBlock < 0 ? row : firstRow;
              firstBlock = firstBlock < 0 ? block : firstBlock;
            } else if (flagged(plan, batch, output, block, row)) {
              remaining[owner]--;
              opened.add(output + "/" + block + "/" + row);
            }
          }
        }
        if (rows > 0) {
          held.add(new HeldRows(output, owner, firstBlock, firstRow, rows));
        }
      }
    }
    return new Expected(opened, held);
  }

  private static boolean flagged(Plan plan, Batch batch, int output, int block, int row) {
    long[] values = PlainPlan.values(plan, batch.rows().get(block)[row]);
    return values[plan.outputs().get(output).flag()] == 1;
  }

  private List<Outcome> evaluate(Plan plan, Batch batch, long[][] left, long passBytes) {
    var parties = new Rep3Parties(seed);
    var network = new MemoryNetwork(3);
    return network.run(
        party ->
            () ->
                new PlanEvaluator(plan, Map.of(), false, passBytes)
                    .evaluate(
                        parties.suite(network, party),
                        batch.byParty().get(party),
                        new FlagBudget(OWNERS, left)));
  }

  @Test
  void opensTheFirstFlagsOfEachBankAndNoMore() {
    int reached = 0;
    for (int i = 0; i < 20; i++) {
      var random = new RandomPlan(seed + i);
      Batch batch = Batch.random(random, BLOCK_ROWS);
      var caps = new Random(seed + i);
      long[][] left = new long[random.plan.outputs().size()][BANKS];
      for (long[] of : left) {
        Arrays.setAll(of, owner -> caps.nextInt(4) == 0 ? 0 : caps.nextInt(1, 150));
      }
      Expected expected = expected(random.plan, batch, left);
      reached += expected.held.size();
      long passBytes = i % 2 == 0 ? PlanEvaluator.PASS_BYTES_MAX : 1;
      for (Outcome outcome : evaluate(random.plan, batch, left, passBytes)) {
        var opened = new TreeSet<String>();
        for (FlaggedRow row : outcome.flagged()) {
          opened.add(row.output() + "/" + row.block() + "/" + row.row());
        }
        assertThat(opened).as("seed %d", seed + i).isEqualTo(expected.opened);
        assertThat(outcome.held())
            .as("seed %d", seed + i)
            .containsExactlyInAnyOrderElementsOf(expected.held);
      }
    }
    assertThat(reached).as("caps that were reached").isGreaterThan(20);
  }

  @Test
  void rowsThatAreExactlyEnoughHoldNothing() {
    var random = new RandomPlan(seed);
    Batch batch = Batch.random(random, BLOCK_ROWS);
    long[][] left = new long[random.plan.outputs().size()][BANKS];
    for (long[] of : left) {
      Arrays.setAll(
          of,
          owner -> {
            long rows = 0;
            for (int block = 0; block < OWNERS.length; block++) {
              rows += OWNERS[block] == owner ? BLOCK_ROWS[block] : 0;
            }
            return rows;
          });
    }
    Expected expected = expected(random.plan, batch, left);
    Outcome outcome = evaluate(random.plan, batch, left, PlanEvaluator.PASS_BYTES_MAX).getFirst();
    assertThat(outcome.flagged()).hasSameSizeAs(expected.opened);
    assertThat(outcome.held()).isEmpty();
  }

  @Test
  void opensNothingAfterABlocksLastRow() {
    for (int i = 0; i < 10; i++) {
      var random = new RandomPlan(seed + i);
      Batch batch = Batch.random(random, 1);
      for (List<BlockShares> held : batch.byParty()) {
        // Bits that no row has, in each component that a party holds: a bank can send them.
        fillPadding(random.plan, held.getFirst());
      }
      var parties = new Rep3Parties(seed);
      var network = new MemoryNetwork(3);
      var opened = new ConcurrentLinkedQueue<long[]>();
      network.run(
          party ->
              () ->
                  new PlanEvaluator(random.plan)
                      .evaluate(
                          recording(parties.suite(network, party), opened),
                          batch.byParty().get(party),
                          FlagBudget.unlimited(1, random.plan.outputs().size())));
      assertThat(opened).as("seed %d", seed + i).isNotEmpty();
      for (long[] words : opened) {
        assertThat(Arrays.stream(words)).as("seed %d", seed + i).allMatch(word -> word >>> 1 == 0);
      }
    }
  }

  private static void fillPadding(Plan plan, BlockShares block) {
    int field = 0;
    for (ShareField shape : plan.layout().fields()) {
      int offset = plan.layout().offset(field++, 1);
      for (int plane = 0; shape.domain() == Domain.BOOLEAN && plane < shape.widthBits(); plane++) {
        // Equal at both holders of a component, as the header's commitments make it.
        block.component(0)[offset + plane] |= -2L;
        block.component(1)[offset + plane] |= -2L;
      }
    }
  }

  /** The same suite; keeps what it opens. */
  private static Suite recording(Suite suite, Queue<long[]> opened) {
    return (Suite)
        Proxy.newProxyInstance(
            Suite.class.getClassLoader(),
            new Class<?>[] {Suite.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("openBits")) {
                opened.add((long[]) arguments[3]);
              }
              return method.invoke(suite, arguments);
            });
  }

  @Test
  void refusesABudgetOfAnotherBatch() {
    var random = new RandomPlan(seed);
    Batch batch = Batch.random(random, 3);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new PlanEvaluator(random.plan)
                    .evaluate(
                        new Rep3Parties(seed).suite(new MemoryNetwork(3), 0),
                        batch.byParty().getFirst(),
                        FlagBudget.unlimited(2, random.plan.outputs().size())));
  }
}
