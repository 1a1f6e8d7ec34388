package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several groups of links over one port of each process. */
@Timeout(120)
class PeerGroupTest {
  private static final byte[] BATCH = new byte[32];

  private static Digest view(int number) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) number);
    return new Digest(bytes);
  }

  /** A group of one process with those that listen at each party. */
  private static PeerGroup open(Consortium consortium, int party, Digest view, Ear ear) {
    Map<String, InetSocketAddress> peers = new HashMap<>();
    for (int peer = 0; peer < Consortium.PARTIES; peer++) {
      peers.put(
          Consortium.NAMES.get(peer),
          InetSocketAddress.createUnresolved("127.0.0.1", consortium.links[peer].port()));
    }
    return consortium.links[party].open(view, peers, Consortium.LIMITS, ear);
  }

  @Test
  void eachGroupHasASessionOfItsOwnWithOtherKeys() {
    try (var consortium = Consortium.started()) {
      PeerSession[] first = consortium.sessions();
      Ear[] ears = {new Ear(), new Ear(), new Ear()};
      PeerGroup[] groups = new PeerGroup[Consortium.PARTIES];
      for (int party = 0; party < Consortium.PARTIES; party++) {
        groups[party] = open(consortium, party, view(1), ears[party]);
      }
      PeerSession second = ears[0].nextUp();
      PeerSession seconds = ears[1].nextUp();
      ears[2].nextUp();
      assertThat(second.id()).isEqualTo(seconds.id()).isNotEqualTo(first[0].id());
      byte[] key = second.attemptKey(1, BATCH, 0);
      assertThat(key).isEqualTo(seconds.attemptKey(0, BATCH, 0));
      assertThat(key).isNotEqualTo(first[0].attemptKey(1, BATCH, 0));

      groups[1].close();
      ears[0].nextDown();
      ears[2].nextDown();
      assertThat(first[0].isUp()).as("the other group").isTrue();
      assertThat(groups[0].session()).isEmpty();
      groups[0].close();
    }
  }

  @Test
  void whoMeansOtherWorkersIsRefusedUntilBothMeanTheSame() {
    try (var consortium = Consortium.started()) {
      consortium.sessions();
      Ear[] ears = {new Ear(), new Ear(), new Ear()};
      var stale = open(consortium, 0, view(1), ears[0]);
      open(consortium, 1, view(2), ears[1]);
      open(consortium, 2, view(2), ears[2]);
      while (consortium.links[1].statistics().faults(Code.CDT_560) == 0) {
        Thread.onSpinWait();
      }
      assertThat(stale.session()).isEmpty();
      assertThat(stale.linked(1)).isFalse();
      stale.close();
      open(consortium, 0, view(2), ears[0]);
      assertThat(ears[0].nextUp().id()).isEqualTo(ears[1].nextUp().id());
    }
  }

  @Test
  void sharesOfTheLimitsAddUpToThemButSufficeForAnAttempt() {
    PeerLimits all = PeerLimits.DEFAULT;
    assertThat(all.shared(1, 1).bufferSlowBytes()).isEqualTo(all.bufferSlowBytes());
    assertThat(all.shared(4, 1).bufferSlowBytes() * 4).isEqualTo(all.bufferSlowBytes());
    assertThat(all.shared(4, 1).bufferBytesMax() * 4).isEqualTo(all.bufferBytesMax());
    PeerLimits crowded = all.shared(1_000, 100L << 20);
    assertThat(crowded.bufferSlowBytes()).isEqualTo(100L << 20);
    assertThat(crowded.bufferBytesMax()).isEqualTo(200L << 20);
    assertThat(crowded.silence()).isEqualTo(all.silence()).isGreaterThan(Duration.ZERO);
  }
}
