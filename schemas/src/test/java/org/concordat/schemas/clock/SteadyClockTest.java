package org.concordat.schemas.clock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
    assertThat(clock.read().doubted()).isFalse();
    assertThat(clock.read().millis()).isEqualTo(wallMillis());
    assertThat(clock.read().wallMillis()).isEqualTo(wallMillis());
  }

  private void assertDoubted(long expectedMillis) {
    assertThat(clock.read().doubted()).isTrue();
    assertThat(clock.read().millis()).isEqualTo(expectedMillis);
    assertThat(clock.read().wallMillis()).isEqualTo(wallMillis());
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
    stepMillis = AHEAD_MAX + 1;
    assertDoubted(START);
    stepMillis = AHEAD_MAX;
    assertBelieved();
  }

  @Test
  void stepsThatAreBelievedAddUpToTheBoundUntilADayHasPassed() {
    for (int step = 1; step <= 60; step++) {
      pass(Duration.ofMinutes(20));
      stepMillis = Duration.ofMinutes(step).toMillis();
      assertBelieved();
    }
    pass(Duration.ofMinutes(20));
    stepMillis++;
    assertDoubted(START + passedMillis);
    stepMillis--;
    pass(SteadyClock.BELIEF.minusMillis(passedMillis + 1));
    assertBelieved();
    stepMillis++;
    assertDoubted(START + passedMillis);
    stepMillis--;
    pass(Duration.ofMillis(1));
    assertBelieved();
    long base = START + passedMillis + stepMillis;
    stepMillis += AHEAD_MAX;
    assertBelieved();
    stepMillis++;
    assertDoubted(base);
  }

  @Test
  void aClockThatGainsTooMuchIsDoubtedForGood() {
    for (int hour = 0; hour < 100; hour++) {
      pass(Duration.ofHours(1));
      stepMillis += AHEAD_MAX / 20;
      assertThat(clock.read().doubted()).isEqualTo(hour >= 20);
    }
    assertDoubted(START + passedMillis);
  }

  @Test
  void whatIsStampedIsNotOldOnTheWayBack() {
    stepMillis = -DAYS;
    assertThat(clock.stampMillis()).isEqualTo(START);
    pass(SteadyClock.BELIEF.minusMillis(1));
    assertThat(clock.stampMillis()).isEqualTo(START + passedMillis);
    stepMillis = 0;
    assertThat(clock.stampMillis()).isEqualTo(wallMillis());
    stepMillis = -AHEAD_MAX;
    assertThat(clock.stampMillis()).as("a correction").isEqualTo(wallMillis());
    stepMillis = DAYS;
    assertThat(clock.stampMillis()).as("it may be right").isEqualTo(wallMillis());
  }

  @Test
  void aStepBackThatHasLastedIsStamped() {
    stepMillis = -DAYS;
    assertThat(clock.stampMillis()).isEqualTo(START);
    pass(SteadyClock.BELIEF);
    assertThat(clock.stampMillis()).isEqualTo(wallMillis());
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
