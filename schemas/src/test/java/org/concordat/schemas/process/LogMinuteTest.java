package org.concordat.schemas.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogMinuteTest {
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  @Test
  void linesAreGivenUpToABoundAndTheRestIsCounted() {
    var minute = new LogMinute(5);
    for (int record = 0; record < LogMinute.LINES_MAX; record++) {
      assertThat(minute.mayTell()).as("record %d", record).isTrue();
    }
    assertThat(minute.untold()).isZero();
    assertThat(minute.mayTell()).isFalse();
    assertThat(minute.mayTell()).isFalse();
    assertThat(minute.untold()).isEqualTo(2);
  }

  /** A nanosecond clock goes on at its smallest value. */
  @Test
  void itIsOverAfterAMinuteWhereverTheClockBegan() {
    for (long begin : new long[] {5, -1, Long.MAX_VALUE - 1}) {
      var minute = new LogMinute(begin);
      assertThat(minute.isOver(begin)).isFalse();
      assertThat(minute.isOver(begin + MINUTE_NANOS - 1)).isFalse();
      assertThat(minute.isOver(begin + MINUTE_NANOS)).isTrue();
    }
  }
}
