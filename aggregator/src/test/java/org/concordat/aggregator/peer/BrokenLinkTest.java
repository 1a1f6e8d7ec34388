package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A link that breaks, in whatever way, ends the session at all three parties. */
@Timeout(120)
class BrokenLinkTest {
  @Test
  void aSilentLinkCountsAsLost() {
    PeerLimits usual = Consortium.LIMITS;
    var impatient =
        new PeerLimits(
            usual.bufferSlowBytes(),
            usual.bufferBytesMax(),
            usual.channelsAheadMax(),
            usual.framesPerKey(),
            usual.handshake(),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            usual.retryFirst(),
            usual.retryMax());
    try (var consortium = Consortium.started(impatient)) {
      consortium.sessions();
      consortium.relays.get(List.of(0, 2)).silence();
      for (Ear ear : consortium.ears) {
        assertThat(ear.nextDown().reason()).endsWith("CDT-653");
      }
    }
  }

  /** Whom the called end doesn't tell learns it from the third party, whose links end too. */
  @Test
  void aHalfOpenLinkEndsTheSessionAndAnotherFollows() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      consortium.relays.get(List.of(0, 1)).halfOpen();
      assertAnotherFollows(consortium, sessions);
    }
  }

  @Test
  void aByteThatIsAlteredOnTheWayEndsTheSessionAndAnotherFollows() {
    try (var consortium = Consortium.started()) {
      PeerSession[] sessions = consortium.sessions();
      consortium.relays.get(List.of(1, 2)).alter();
      assertAnotherFollows(consortium, sessions);
    }
  }

  private static void assertAnotherFollows(Consortium consortium, PeerSession[] ended) {
    for (int party = 0; party < Consortium.PARTIES; party++) {
      assertThat(consortium.ears[party].nextDown().session()).isSameAs(ended[party]);
    }
    assertThat(consortium.settled()[0].id()).isNotEqualTo(ended[0].id());
  }
}
