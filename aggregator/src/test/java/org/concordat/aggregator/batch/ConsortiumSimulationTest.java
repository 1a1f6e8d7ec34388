package org.concordat.aggregator.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.concordat.aggregator.mpc.Seeds;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;

/** The batch protocol under faults, from a seed; a failure names its seed. */
class ConsortiumSimulationTest {
  private static final int SEEDS = 200;
  private static final int STEPS = 1_500;
  private static final long SETTLE_MILLIS = 120_000;

  /** What only a party that breaks the protocol brings about. */
  private static final Set<Code> ACCUSATIONS =
      EnumSet.of(Code.CDT_603, Code.CDT_604, Code.CDT_605, Code.CDT_606, Code.CDT_607);

  @Test
  void withoutFaultsEverythingIsScoredAtTheFirstAttempt() {
    var consortium = run(Seeds.seed(), SimulatedConsortium.Faults.none());
    assertThat(consortium.alarms).isEmpty();
    assertThat(consortium.batches()).isGreaterThan(10);
    assertThat(
            consortium.parties.getFirst().committed.stream()
                .allMatch(cut -> cut.getAttempt() == 0 && cut.getSkips().isEmpty()))
        .isTrue();
  }

  @Test
  void nothingIsLostOrDoubledWhateverStopsWhen() {
    for (int i = 0; i < SEEDS; i++) {
      long seed = Seeds.seed() * 1_000_003 + i;
      var consortium = run(seed, new SimulatedConsortium.Faults(90, 120, 15, 12, 0));
      assertThat(consortium.alarms.keySet())
          .as("seed %s: honest parties are not accused", seed)
          .doesNotContainAnyElementsOf(ACCUSATIONS);
    }
  }

  @Test
  void differentOutcomesAreNamedAndRepeated() {
    int named = 0;
    for (int i = 0; i < SEEDS / 10; i++) {
      long seed = Seeds.seed() * 2_000_003 + i;
      var consortium = run(seed, new SimulatedConsortium.Faults(200, 200, 0, 0, 30));
      named += consortium.alarms.getOrDefault(Code.CDT_604, 0);
      assertThat(consortium.alarms.keySet())
          .as("seed %s", seed)
          .doesNotContain(Code.CDT_603, Code.CDT_605, Code.CDT_606, Code.CDT_607);
    }
    assertThat(named).isPositive();
  }

  private static SimulatedConsortium run(long seed, SimulatedConsortium.Faults faults) {
    var consortium = new SimulatedConsortium(seed, faults);
    try {
      consortium.run(STEPS);
      consortium.settle(SETTLE_MILLIS);
      return consortium;
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + "\n" + consortium, e);
    }
  }
}
