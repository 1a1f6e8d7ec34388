package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.concordat.schemas.process.LogMinute;
import org.junit.jupiter.api.Test;

class BadRecordLinesTest {
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private long nanos = 5;
  private final BadRecordLines lines = new BadRecordLines("cuts", () -> nanos);

  private int told(int records) {
    int told = 0;
    for (int record = 0; record < records; record++) {
      told += lines.mayTell() ? 1 : 0;
    }
    return told;
  }

  @Test
  void aMinuteHasSoManyAndTheNextAsManyAgain() {
    assertThat(told(LogMinute.LINES_MAX)).isEqualTo(LogMinute.LINES_MAX);
    assertThat(told(3)).isZero();
    nanos += MINUTE_NANOS - 1;
    lines.tick();
    assertThat(told(1)).as("the minute isn't over").isZero();
    nanos++;
    lines.tick();
    assertThat(told(LogMinute.LINES_MAX + 1)).isEqualTo(LogMinute.LINES_MAX);
  }
}
