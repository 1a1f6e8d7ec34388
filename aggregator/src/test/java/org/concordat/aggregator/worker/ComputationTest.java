package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Votes on one cut stand together only if one session opened what they name. */
class ComputationTest {
  private static final byte[] OPENED =
      HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

  @Test
  void whatTwoSessionsOpenedAlikeDiffersInTheirVotes() {
    byte[] fifth = Computation.inSession(OPENED, 2, 5);
    assertThat(fifth)
        .isEqualTo(Computation.inSession(OPENED, 3, 5))
        .isNotEqualTo(Computation.inSession(OPENED, 2, 6))
        .isNotEqualTo(Computation.inSession(new byte[32], 2, 5));
    // SHA-256 of the label, what was opened and the session's number, computed elsewhere.
    assertThat(HexFormat.of().formatHex(fifth))
        .isEqualTo("059727c8545f3331446635457f5fd2e3023a33e7e796d9f5bd0c5fb395e1a601");
  }

  @Test
  void besideAnEarlierReleaseVotesAreThatReleases() {
    assertThat(Computation.inSession(OPENED, 1, 5)).isEqualTo(OPENED);
    assertThat(Computation.inSession(OPENED, 1, 6)).isEqualTo(OPENED);
  }
}
