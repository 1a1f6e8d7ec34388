package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many attempts may run side by side over one link. */
class PeerLimitsTest {
  private static final int PARTIES = 3;
  private static final int ATTEMPTS = 4;

  /** So long that four attempts' flights just fit. */
  private static final long FITTING =
      PeerLimits.DEFAULT.bufferSlowBytes() / (PeerLimits.roundsAhead(PARTIES) * ATTEMPTS);

  @Test
  void someRoundsOfEachAttemptMayWait() {
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, FITTING)).isEqualTo(ATTEMPTS);
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, FITTING + 1)).isEqualTo(ATTEMPTS - 1);
  }

  @Test
  void longestAndShortestFlights() {
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, Long.MAX_VALUE / 5)).isZero();
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, 1)).isEqualTo((256 << 20) / 5);
  }
}
