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
  void whatWaitsTakesHalfOfASmallHeapAtMost() {
    for (long heap = 256L << 20; heap <= 2L << 30; heap *= 2) {
      PeerLimits limits = PeerLimits.ofHeap(heap);
      assertThat(limits.bufferSlowBytes()).isEqualTo(heap / 8);
      assertThat((PARTIES - 1) * limits.bufferBytesMax()).isEqualTo(heap / 2);
    }
    assertThat(PeerLimits.ofHeap(2L << 30)).isEqualTo(PeerLimits.DEFAULT);
    assertThat(PeerLimits.ofHeap(Long.MAX_VALUE)).isEqualTo(PeerLimits.DEFAULT);
    PeerLimits least = PeerLimits.ofHeap(1);
    assertThat(least.bufferSlowBytes()).isEqualTo(PeerLimits.SHARE_BYTES_MIN);
    assertThat(least.bufferBytesMax()).isEqualTo(2 * PeerLimits.SHARE_BYTES_MIN);
  }

  @Test
  void anAttemptOfEachPartitionHasRoomInTheSmallestHeap() {
    PeerLimits least = PeerLimits.ofHeap(1);
    long attempt = 10L << 20;
    assertThat(least.together(1, attempt)).isEqualTo(least);
    assertThat(least.together(4, attempt).bufferSlowBytes()).isEqualTo(4 * attempt);
    assertThat(least.together(4, attempt).bufferBytesMax()).isEqualTo(8 * attempt);
    assertThat(least.together(1_000, attempt))
        .as("as much as any heap may have waiting, and no more")
        .isEqualTo(PeerLimits.DEFAULT);
    assertThat(PeerLimits.DEFAULT.together(4, attempt)).isEqualTo(PeerLimits.DEFAULT);
  }

  @Test
  void messagesHaveAPartOfTheirOwn() {
    assertThat(PeerLimits.DEFAULT.messageBytesMax()).isEqualTo(64L << 20);
    assertThat(PeerLimits.ofHeap(1).messageBytesMax()).isEqualTo(PeerLimits.MESSAGES_BYTES_MIN);
    assertThat(PeerLimits.MESSAGES_BYTES_MIN).isGreaterThan(3L * PeerLimits.CONTROL_BYTES_MAX);
  }

  @Test
  void longestAndShortestFlights() {
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, Long.MAX_VALUE / 5)).isZero();
    assertThat(PeerLimits.DEFAULT.attemptsMax(PARTIES, 1)).isEqualTo((256 << 20) / 5);
  }
}
