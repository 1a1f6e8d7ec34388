package org.concordat.agent.desk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.awaitility.Awaitility;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.process.Beside;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A desk whose items are read while its agent is up already. */
@Timeout(60)
class DeskLoadingTest {
  @TempDir private Path data;
  private AgentStore store;
  private Desk desk;

  @BeforeEach
  void open() {
    try (var before = new TestDesk(data, TestDesk.CONFIG)) {
      before.take(TestDesk.arrival(1, "large"), TestDesk.arrival(2, "large"));
    }
    store = TestStores.open(data);
    desk = new Desk(store.desk(), TestDesk.CONFIG);
  }

  @AfterEach
  void close() {
    desk.close();
    store.close();
  }

  @Test
  void anAlertWaitsForTheItemsAndIsTakenOnce() {
    Beside<Boolean> taken = taking();
    waits("taking");
    assertThat(desk.muted()).as("nobody else waits").isZero();
    desk.load();
    assertThat(taken.await()).isTrue();
    assertThat(desk.lastChange()).as("two before, one new").isEqualTo(3);
    assertThat(desk.item(TestDesk.id(3), TestDesk.NOW)).isPresent();
    assertThat(desk.item(TestDesk.id(1), TestDesk.NOW)).isPresent();
  }

  @Test
  void whoWaitsIsLetGoAsTheAgentStops() {
    Beside<Boolean> taken = taking();
    waits("taking");
    desk.close();
    assertThatThrownBy(taken::await).isInstanceOf(CancellationException.class);
    desk.load();
    assertThat(desk.isLoaded()).as("a part of the items isn't all").isFalse();
  }

  @Test
  void metricsDoNotWait() {
    var registry = new SimpleMeterRegistry();
    DeskMeters.register(registry, desk, () -> TestDesk.NOW).show(List.of("large"));
    Gauge items =
        registry.get("concordat.agent.desk.items").tag("state", State.NEW.label()).gauge();
    assertThat(items.value()).isNaN();
    desk.load();
    assertThat(items.value()).isEqualTo(2);
  }

  /** Takes an alert that is known and one that isn't, by another thread. */
  private Beside<Boolean> taking() {
    return Beside.begin(
        "taking",
        () -> {
          var arrivals = List.of(TestDesk.arrival(1, "large"), TestDesk.arrival(3, "large"));
          desk.take(arrivals, TestDesk.NOW, store.desk()::commit);
          return true;
        });
  }

  private static void waits(String thread) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .anyMatch(
                        each ->
                            each.getName().equals(thread)
                                && each.getState() == Thread.State.WAITING));
  }
}
