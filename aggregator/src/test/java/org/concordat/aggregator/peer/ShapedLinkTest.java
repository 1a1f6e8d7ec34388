package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A link's simulated network ends with the link. */
@Timeout(120)
class ShapedLinkTest {
  private static final LinkShape SHAPE = new LinkShape(Duration.ofMillis(1), 1_000_000_000L);

  /** Each party sends to two. */
  private static final int ENDS = Consortium.PARTIES * (Consortium.PARTIES - 1);

  private static List<String> shaping() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("shape-"))
        .toList();
  }

  private static void awaitShaping(int ends) throws InterruptedException {
    while (shaping().size() != ends) {
      Thread.sleep(10);
    }
  }

  @Test
  void noThreadIsLeftOfLinksThatAreLostOrClosed() throws Exception {
    try (var consortium = new Consortium(Consortium.LIMITS)) {
      for (int party = Consortium.PARTIES - 1; party >= 0; party--) {
        consortium.ears[party] = new Ear();
        consortium.links[party] =
            PeerLinks.start(
                consortium.settings(party, 0),
                consortium.tls(party),
                Consortium.LIMITS,
                SHAPE,
                consortium.ears[party]);
      }
      PeerSession[] ended = consortium.sessions();
      assertThat(shaping()).hasSize(ENDS);
      consortium.relays.get(List.of(0, 1)).halfOpen();
      for (int party = 0; party < Consortium.PARTIES; party++) {
        assertThat(consortium.ears[party].nextDown().session()).isSameAs(ended[party]);
      }
      consortium.settled();
      awaitShaping(ENDS);
    }
    awaitShaping(0);
  }
}
