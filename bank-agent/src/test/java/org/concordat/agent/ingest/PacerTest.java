package org.concordat.agent.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long HOURS_MILLIS = TimeUnit.HOURS.toMillis(10);

  private final AtomicLong millis = new AtomicLong(5_000);

  /** Told to stop, it waits for nothing and says when rows are due all the same. */
  private Pacer pacer(int ratePerSecond) {
    return new Pacer(
        ratePerSecond, millis::get, () -> TimeUnit.MILLISECONDS.toNanos(millis.get()), () -> true);
  }

  @Test
  void rowsAreDueByTheScheduleHoweverLateTheyAreAskedFor() {
    Pacer pacer = pacer(10);
    assertThat(pacer.awaitMillis()).isEqualTo(5_000);
    millis.addAndGet(HOURS_MILLIS);
    assertThat(pacer.awaitMillis()).isEqualTo(5_100);
    assertThat(pacer.awaitMillis()).isEqualTo(5_200);
  }

  @Test
  void aRowThatWasNotThereIsDueWhenItCameAndThoseBehindItByTheRate() {
    Pacer pacer = pacer(10);
    assertThat(pacer.awaitMillis()).isEqualTo(5_000);
    millis.addAndGet(HOURS_MILLIS);
    pacer.moveOn();
    assertThat(pacer.awaitMillis()).isEqualTo(5_000 + HOURS_MILLIS);
    assertThat(pacer.awaitMillis()).isEqualTo(5_100 + HOURS_MILLIS);
  }

  @Test
  void aRowThatCameBeforeItWasDueIsDueByTheSchedule() {
    Pacer pacer = pacer(10);
    assertThat(pacer.awaitMillis()).isEqualTo(5_000);
    millis.addAndGet(99);
    pacer.moveOn();
    assertThat(pacer.awaitMillis()).isEqualTo(5_100);
  }

  @Test
  void withoutARateARowIsDueWhenItIsAskedFor() {
    Pacer pacer = pacer(0);
    millis.addAndGet(HOURS_MILLIS);
    pacer.moveOn();
    assertThat(pacer.awaitMillis()).isEqualTo(5_000 + HOURS_MILLIS);
  }
}
