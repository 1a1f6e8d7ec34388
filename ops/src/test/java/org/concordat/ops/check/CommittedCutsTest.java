package org.concordat.ops.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;

class CommittedCutsTest {
  private static final Digest NONE = new Digest(new byte[32]);

  private final Charter charter =
      new Charter(
          NONE,
          1,
          NONE,
          "demo",
          Charter.Mode.TEST,
          "rep3",
          1,
          1,
          false,
          35,
          Set.of(1),
          new Charter.Caps(0, 64, 10, 4),
          List.of(),
          List.of());

  @Test
  void whatIsNoCutIsLeftOutAndCounted() {
    var cuts = new CommittedCuts();
    cuts.take(charter, null);
    cuts.take(charter, new byte[] {9});
    assertThat(cuts.unreadable()).isEqualTo(2);
    assertThat(cuts.commits()).isEmpty();
    assertThat(cuts.rows()).isZero();
  }
}
