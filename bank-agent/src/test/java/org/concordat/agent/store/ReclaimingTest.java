package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReclaimingTest {
  private static final long BOUND = 1_000;
  private static final long NEAR = 750;
  private static final long NEARLY_HELD = 899;
  private static final long HELD = 900;
  private static final long AT_THE_BOUND = 1_200;

  /** So that many times as long are less than an hour, and more. */
  private static final long SHORT_NANOS = 50;

  private static final long LONG_NANOS = Reclaiming.REST_NANOS / 2;

  private long bytes;
  private long tookNanos = SHORT_NANOS;
  private long nowNanos = -1_000;
  private int compactions;
  private final Reclaiming reclaiming =
      new Reclaiming(() -> bytes, this::compact, BOUND, () -> nowNanos);

  private void compact() {
    compactions++;
    nowNanos += tookNanos;
  }

  /** Compacts, and sees that the next time is exactly so long after it. */
  private void restsFor(long restNanos) {
    reclaiming.round();
    int before = compactions;
    nowNanos += restNanos - 1;
    reclaiming.round();
    assertThat(compactions).isEqualTo(before);
    nowNanos++;
    reclaiming.round();
    assertThat(compactions).isEqualTo(before + 1);
  }

  @Test
  void nothingIsReclaimedFarFromTheBound() {
    bytes = NEAR - 1;
    reclaiming.round();
    assertThat(compactions).isZero();
    bytes = NEAR;
    reclaiming.round();
    assertThat(compactions).isEqualTo(1);
  }

  /** That much may be what it keeps: it is rewritten, and none of it goes. */
  @Test
  void aStoreThatIsReadyRestsForAnHourAtLeast() {
    for (long there : new long[] {NEAR, NEARLY_HELD}) {
      bytes = there;
      restsFor(Reclaiming.REST_NANOS);
    }
  }

  @Test
  void aStoreThatIsReadyRestsManyTimesAsLongAsItTook() {
    tookNanos = LONG_NANOS;
    bytes = NEARLY_HELD;
    restsFor(Reclaiming.RESTS * LONG_NANOS);
  }

  @Test
  void aStoreThatHoldsReadingBackRestsManyTimesAsLongAsItTook() {
    for (long there : new long[] {HELD, AT_THE_BOUND}) {
      bytes = there;
      restsFor(Reclaiming.RESTS * SHORT_NANOS);
    }
  }

  @Test
  void aStoreThatHoldsReadingBackRestsForAnHourAtMost() {
    tookNanos = LONG_NANOS;
    bytes = HELD;
    restsFor(Reclaiming.REST_NANOS);
  }

  @Test
  void whatFillsUpWhileItRestsIsReclaimedSooner() {
    bytes = NEAR;
    reclaiming.round();
    nowNanos += Reclaiming.RESTS * SHORT_NANOS;
    reclaiming.round();
    assertThat(compactions).isEqualTo(1);
    bytes = HELD;
    reclaiming.round();
    assertThat(compactions).isEqualTo(2);
  }
}
