package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import org.concordat.ops.chaos.Chaos;
import org.concordat.ops.chaos.ChaosOptions;
import org.concordat.ops.chaos.ChaosText;
import org.concordat.ops.chaos.FaultKind;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.schemas.problem.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three minutes with one fault of each kind, kills, a freeze, a restart and links that break, among
 * three brokers, three aggregators and three agents: the alerts are the oracle's, nothing is lost
 * and nothing doubled.
 */
@ExtendWith(LossStays.class)
class ChaosIT {
  /**
   * Aggregators frozen for 4 s and cut off for 5 s twice, each time by a stall, one killed and one
   * stopped; a broker and an agent killed.
   */
  private static final long SEED = Long.getLong("concordat.seed", 9_740L);

  private static final int MINUTES = 2;
  private static final int RATE = 60;

  /** Each kind once: they are dealt like cards. */
  private static final int FAULTS = FaultKind.values().length;

  @TempDir private Path temp;

  @Test
  void everyKindOfFaultLosesNothingAndDoublesNothing() throws Exception {
    var printed = new StringWriter();
    var options =
        new ChaosOptions(
            MINUTES,
            SEED,
            RATE,
            EnumSet.allOf(FaultKind.class),
            FAULTS,
            0,
            ShippedRules.folder("payments"),
            Optional.of(temp.resolve("chaos")),
            Optional.of(temp.resolve("chaos.html")),
            false);
    boolean holds;
    try {
      holds = new Chaos(options, new PrintWriter(printed)).run();
    } catch (InvalidInputException e) {
      ChaosLosses.requireScoring(e, "seed %d\n%s".formatted(SEED, printed));
      throw e;
    }
    ChaosLosses.requireNone("seed %d\n%s".formatted(SEED, printed));
    // With neither verdict a loss could pass as something else.
    assertThat(printed.toString()).contains(ChaosText.ORACLES);
    assertThat(holds).as("seed %d\n%s", SEED, printed).isTrue();
    assertThat(temp.resolve("chaos.html")).isNotEmptyFile();
  }
}
