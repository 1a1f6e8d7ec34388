package org.concordat.schemas.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.concordat.schemas.clock.SteadyClock.Reading;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  private static final long START = 1_795_000_000_000L;
  private static final long AHEAD_MAX = SteadyClock.AHEAD_MAX.toMillis();
  private static final long DAYS = Duration.ofDays(40).toMillis();

  private long passedMillis;
  private long stepMillis;

  /** The nanosecond clock starts just below its largest value and goes on at its smallest. */
  private final SteadyClock clock =
      new SteadyClock(this::wallMillis, () -> Long.MAX_VALUE - 5 + 1_000_000 * passedMillis);

  private long wallMillis() {
    return START + passedMillis + stepMillis;
  }

  private void pass(Duration duration) {
    passedMillis += duration.toMillis();
  }

  private void assertBelieved() {
    assertThat(clock.read()).isEqualTo(new Reading(wallMillis(), wallMillis(), false));
  }

  private void assertDoubted(long expectedMillis) {
    assertThat(clock.read()).isEqualTo(new Reading(expectedMillis, wallMillis(), true));
  }

  @Test
  void timeThatPassesIsBelievedHoweverLong() {
    assertBelieved();
    pass(Duration.ofDays(40));
    assertBelieved();
  }

  @Test
  void aStepAheadIsDoubtedBeyondItsBound() {
    stepMillis = AHEAD_MAX;
    assertBelieved();
    // The step counts from the last time that was believed.
    stepMillis = 2 * AHEAD_MAX;
    assertBelieved();
    stepMillis = 3 * AHEAD_MAX + 1;
    assertDoubted(START + 2 * AHEAD_MAX);
  }

  @Test
  void inDoubtTimeGoesOnByTheMonotonicClockUntilTheWallClockIsBack() {
    stepMillis = DAYS;
    assertDoubted(START);
    pass(Duration.ofHours(23));
    assertDoubted(START + passedMillis);
    stepMillis = 0;
    assertBelieved();
    stepMillis = DAYS;
    pass(Duration.ofHours(2));
    assertDoubted(START + passedMillis);
  }

  @Test
  void aStepAheadIsBelievedWhenItHasLasted() {
    stepMillis = DAYS;
    assertDoubted(START);
    pass(SteadyClock.BELIEF.minusMillis(1));
    assertDoubted(START + passedMillis);
    pass(Duration.ofMillis(1));
    assertBelieved();
    stepMillis = 0;
    assertBelieved();
  }

  @Test
  void aTimeThatIsSteppedToAnewLastsFromThenOn() {
    stepMillis = DAYS;
    assertDoubted(START);
    pass(Duration.ofHours(23));
    stepMillis = 2 * DAYS;
    assertDoubted(START + passedMillis);
    pass(Duration.ofHours(23));
    assertDoubted(START + passedMillis);
    pass(Duration.ofHours(1));
    assertBelieved();
  }

  @Test
  void aStepBackIsBelievedAtOnceAndSoIsTheWayFromIt() {
    stepMillis = -DAYS;
    assertBelieved();
    pass(Duration.ofHours(2));
    assertBelieved();
    stepMillis = 0;
    assertBelieved();
    stepMillis = -DAYS;
    assertBelieved();
    stepMillis = DAYS;
    assertDoubted(START + passedMillis);
  }

  @Test
  void aStepBackThatHasLastedIsWhatLaterTimesAreHeldAgainst() {
    stepMillis = -DAYS;
    assertBelieved();
    pass(SteadyClock.BELIEF);
    assertBelieved();
    long back = START + passedMillis + stepMillis;
    stepMillis = 0;
    assertDoubted(back);
  }
}
