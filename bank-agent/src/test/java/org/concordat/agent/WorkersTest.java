package org.concordat.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What ends one of the agent's threads ends the agent, and its message isn't logged. */
class WorkersTest {
  private static final String SECRET = "amount 4711";

  @Test
  void aFailureIsToldWithoutItsMessage() throws Exception {
    var failure = new IllegalStateException(SECRET, new ArithmeticException(SECRET));
    var failed = new CompletableFuture<Throwable>();
    try (var logged = new LoggedFailures(Workers.class)) {
      var workers = new Workers(failed::complete);
      workers.start(
          "broken",
          () -> {
            throw failure;
          });
      assertThat(failed.get(60, TimeUnit.SECONDS)).isSameAs(failure);
      assertThat(logged.only())
          .contains("IllegalStateException", "ArithmeticException", "WorkersTest")
          .doesNotContain(SECRET);
    }
  }

  @Test
  void whatBreaksOffAsTheAgentStopsIsNoFailure() {
    var failed = new CompletableFuture<Throwable>();
    var workers = new Workers(failed::complete);
    workers.stop();
    workers.start(
        "broken",
        () -> {
          throw new IllegalStateException(SECRET);
        });
    workers.end("broken", TimeUnit.SECONDS.toMillis(60));
    assertThat(workers.allEnded()).isTrue();
    assertThat(failed).isNotDone();
  }
}
