package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.concordat.agent.LoggedFailures;
import org.junit.jupiter.api.Test;

class DroppedLettersTest {
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private long nanos = 5;
  private final DroppedLetters dropped = new DroppedLetters(1_000, () -> nanos);

  private void drop(int rows) {
    for (int row = 0; row < rows; row++) {
      dropped.add();
    }
    dropped.tell();
  }

  @Test
  void theFirstAreToldAtOnceAndTheRestOnceAMinute() {
    try (var lines = new LoggedFailures(DroppedLetters.class)) {
      dropped.tell();
      assertThat(lines.lines()).as("nothing was dropped").isZero();
      drop(2);
      assertThat(lines.only()).contains("rows=\"2\"", "bytesMax=\"1000\"");
      nanos += MINUTE_NANOS - 1;
      drop(3);
      assertThat(lines.lines()).as("the minute isn't over").isOne();
    }
    nanos++;
    try (var lines = new LoggedFailures(DroppedLetters.class)) {
      dropped.tell();
      assertThat(lines.only()).contains("rows=\"3\"");
      nanos += MINUTE_NANOS;
      dropped.tell();
      assertThat(lines.lines()).as("all were told").isOne();
    }
    assertThat(dropped.count()).isEqualTo(5);
  }
}
