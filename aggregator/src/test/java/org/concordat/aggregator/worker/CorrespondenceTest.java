package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.concordat.aggregator.LogLines;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.junit.jupiter.api.Test;

class CorrespondenceTest {
  private long nanos = 5;
  private final Correspondence correspondence =
      new Correspondence(new SealedBlocks().setup().settings(), () -> nanos);

  private void object(long batch, String reason) {
    correspondence.send(
        1, new PeerMessage(new Objection(SealedBlocks.PARTITION, batch, 0, reason, List.of())));
  }

  @Test
  void anObjectionIsToldOnceAMinuteByReason() {
    try (var lines = new LogLines(Correspondence.class)) {
      object(7, "standing");
      object(8, "standing");
      object(9, "hash");
      assertThat(lines.all()).hasSize(2);
      assertThat(lines.all().getFirst())
          .containsEntry("batch", 7L)
          .containsEntry("reason", "standing");
      assertThat(lines.all().getLast()).containsEntry("reason", "hash");
      nanos += Duration.ofMinutes(1).toNanos();
      object(10, "standing");
      assertThat(lines.all()).hasSize(3);
      assertThat(lines.all().getLast()).containsEntry("batch", 10L);
    }
  }
}
