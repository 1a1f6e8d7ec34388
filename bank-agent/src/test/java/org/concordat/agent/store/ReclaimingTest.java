package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReclaimingTest {
  private static final long TOOK_NANOS = 50;

  private long bytes;
  private long nowNanos = -1_000;
  private int compactions;
  private final Reclaiming reclaiming =
      new Reclaiming(() -> bytes, this::compact, 1_000, () -> nowNanos);

  private void compact() {
    compactions++;
    nowNanos += TOOK_NANOS;
  }

  @Test
  void nothingIsReclaimedFarFromTheBound() {
    bytes = 749;
    reclaiming.round();
    assertThat(compactions).isZero();
    bytes = 750;
    reclaiming.round();
    assertThat(compactions).isEqualTo(1);
  }

  @Test
  void itRestsManyTimesAsLongAsItTook() {
    bytes = 1_200;
    reclaiming.round();
    nowNanos += Reclaiming.RESTS * TOOK_NANOS - 1;
    reclaiming.round();
    assertThat(compactions).isEqualTo(1);
    nowNanos++;
    reclaiming.round();
    assertThat(compactions).isEqualTo(2);
  }
}
