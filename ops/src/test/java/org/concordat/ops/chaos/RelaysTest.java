package org.concordat.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import org.concordat.ops.consortium.FreePorts;
import org.junit.jupiter.api.Test;

/** Which relays a fault concerns. */
class RelaysTest {
  private static Fault cut(String target) {
    return new Fault(1, FaultKind.BROKER_CUT, target, Optional.of(LinkMode.DROP), 0, 0, false);
  }

  @Test
  void aLinkWithoutARelayIsNotTakenForCut() throws Exception {
    try (var relays = new Relays(FreePorts.find(1, Set.of()).iterator())) {
      relays.add("bank-a/broker-2", 1);
      assertThat(relays.of(cut("bank-a"))).hasSize(1);
      assertThat(relays.of(cut("bank-a/broker-2"))).hasSize(1);
      assertThatThrownBy(() -> relays.of(cut("bank-a/broker-3")))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
