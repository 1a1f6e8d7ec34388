package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.concordat.ops.check.CheckReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No second try hides that rows or alerts weren't the oracle's. */
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

  /** All rows scored, and so many alerts missing. */
  private static CheckReport report(long missing) {
    return new CheckReport(
        ROWS,
        ROWS,
        ROWS,
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
