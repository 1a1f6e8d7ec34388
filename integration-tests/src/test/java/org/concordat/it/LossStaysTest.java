package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.concordat.ops.chaos.ChaosText;
import org.concordat.ops.check.CheckReport;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No second try hides that rows or alerts weren't the oracle's, nor what else is a loss. */
class LossStaysTest {
  private static final int ROWS = 10;

  @TempDir private Path folder;

  @Test
  void aSecondTryFailsWithWhatTheFirstFound() throws Exception {
    var first = new LossStays(folder.resolve("losses"));
    first.requireNone("SomeIT.loses");
    first.keep("SomeIT.loses", new IllegalStateException(new LossStays.Loss("1 missing")));

    var second = new LossStays(folder.resolve("losses"));
    assertThatThrownBy(() -> second.requireNone("SomeIT.loses"))
        .isInstanceOf(LossStays.Loss.class)
        .hasMessageContaining("1 missing");
    assertThatCode(() -> second.requireNone("SomeIT.losesNothing")).doesNotThrowAnyException();
  }

  @Test
  void whatTookTooLongMayBeTriedAgain() throws Exception {
    var tries = new LossStays(folder);
    tries.keep("SomeIT.waits", new AssertionError("not complete after 300 s"));
    assertThatCode(() -> tries.requireNone("SomeIT.waits")).doesNotThrowAnyException();
  }

  @Test
  void alertsAndRowsHaveToBeTheOracles() {
    assertThatCode(() -> Runs.requireOracles(report(0), ROWS)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Runs.requireOracles(report(1), ROWS))
        .isInstanceOf(LossStays.Loss.class)
        .hasMessageContaining("missing=1");
    assertThatThrownBy(() -> Runs.requireOracles(report(0), ROWS + 1))
        .isInstanceOf(LossStays.Loss.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ChaosText.DIFFERENCES,
        "agg-2 " + ChaosText.ENDED + " with status 1 after 4.0 s.",
        "bank-a " + ChaosText.BEYOND + "."
      })
  void noFaultExcusesWhatARunSays(String found) {
    assertThatThrownBy(() -> ChaosLosses.requireNone("seed 1\n" + found + "\n"))
        .isInstanceOf(LossStays.Loss.class)
        .hasMessageContaining(found);
  }

  @Test
  void aRunMayHaveTooFewFaultsOnce() {
    assertThatCode(() -> ChaosLosses.requireNone(ChaosText.ORACLES + ", but too few faults fell."))
        .doesNotThrowAnyException();
  }

  @Test
  void scoringThatStopsIsALossAndAStartThatTakesLongIsNot() {
    assertThatThrownBy(() -> ChaosLosses.requireScoring(ended(Code.CDT_804), "seed 1\n"))
        .isInstanceOf(LossStays.Loss.class)
        .hasMessageContaining("CDT-804");
    assertThatCode(() -> ChaosLosses.requireScoring(ended(Code.CDT_802), "seed 1\n"))
        .doesNotThrowAnyException();
  }

  private static InvalidInputException ended(Code code) {
    return new InvalidInputException(code, Place.of("logs"), code.cause(), code.fix());
  }

  /** All rows scored, and so many alerts missing. */
  private static CheckReport report(long missing) {
    return new CheckReport(
        ROWS,
        ROWS,
        ROWS,
        0,
        0,
        0,
        0,
        1,
        1 + missing,
        missing,
        0,
        0,
        0,
        Map.of(),
        Map.of(),
        Map.of(),
        List.of());
  }
}
