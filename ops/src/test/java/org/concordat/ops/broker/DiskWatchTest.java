package org.concordat.ops.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiskWatchTest {
  private static final String SHARES = "pilot.shares.bank-a.agg-1";
  private static final Duration LONG = Duration.ofSeconds(30);

  private final AtomicInteger measurements = new AtomicInteger();
  private volatile Supplier<Map<String, Long>> files = Map::of;
  private final DiskWatch watch =
      new DiskWatch(
          () -> {
            measurements.incrementAndGet();
            return files.get();
          },
          new DiskBound(1_000, "pilot."),
          10);

  @AfterEach
  void close() {
    watch.close();
  }

  private void has(long bytes) {
    files = () -> Map.of(SHARES, bytes);
  }

  private void awaitTwoMore() {
    int before = measurements.get();
    Awaitility.await().atMost(LONG).until(() -> measurements.get() >= before + 2);
  }

  @Test
  void theFirstMeasurementIsMadeBeforeAnybodyAsks() {
    has(501);
    watch.begin();
    assertThat(watch.refuses(SHARES)).isTrue();
  }

  @Test
  void whileNothingCanBeMeasuredTheLastResultStands() {
    has(501);
    watch.begin();
    files =
        () -> {
          throw new UncheckedIOException(new IOException("too many open files"));
        };
    awaitTwoMore();
    assertThat(watch.refuses(SHARES)).isTrue();
    files =
        () -> {
          throw new AssertionError("whatever it is");
        };
    awaitTwoMore();
    assertThat(watch.refuses(SHARES)).isTrue();
    has(0);
    Awaitility.await().atMost(LONG).until(() -> !watch.refuses(SHARES));
  }

  @Test
  void aFirstMeasurementThatFailsRefusesNobodyAndIsMadeAgain() {
    files =
        () -> {
          throw new UncheckedIOException(new IOException("too many open files"));
        };
    watch.begin();
    assertThat(watch.refuses(SHARES)).isFalse();
    has(501);
    Awaitility.await().atMost(LONG).until(() -> watch.refuses(SHARES));
  }
}
