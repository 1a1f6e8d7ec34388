package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.concordat.ops.chaos.ChaosOptions;
import org.junit.jupiter.api.Test;

/** What the command refuses, and what it makes of none. */
class ChaosCommandTest {
  @Test
  void refusesNumbersOutOfRange() {
    for (List<String> args :
        List.of(
            List.of("--minutes", "0"),
            List.of("--rate", "2"),
            List.of("--faults", "0"),
            List.of("--kinds", "agent-kill,earthquake"),
            List.of("--faults", "10", "--between", "11"))) {
      var command = new ArrayList<>(List.of("chaos"));
      command.addAll(args);
      assertThat(Command.run(command.toArray()).status()).isEqualTo(2);
    }
  }

  @Test
  void anHourHas200FaultsAnd5OfEachKindBetweenPrepareAndCommit() {
    assertThat(ChaosOptions.faultsIn(60)).isEqualTo(200);
    assertThat(ChaosOptions.betweenOf(200)).isEqualTo(5);
    assertThat(ChaosOptions.faultsIn(1)).isEqualTo(7);
    assertThat(ChaosOptions.betweenOf(14)).isZero();
  }
}
