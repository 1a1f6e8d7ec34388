package org.concordat.schemas.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.concordat.schemas.clock.SteadyClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessMetersTest {
  @TempDir private Path folder;

  @Test
  void aDoubtedClockIsShownWhileItIs() {
    var stepMillis = new AtomicLong();
    var registry = new SimpleMeterRegistry();
    try (var meters = ProcessMeters.bind(registry, folder)) {
      meters.clock(new SteadyClock(stepMillis::get, () -> 0));
      Gauge doubted = registry.get("concordat.clock.doubted").gauge();
      assertThat(doubted.value()).isZero();
      stepMillis.set(Duration.ofDays(1).toMillis());
      assertThat(doubted.value()).isEqualTo(1);
      stepMillis.set(0);
      assertThat(doubted.value()).isZero();
    }
  }
}
