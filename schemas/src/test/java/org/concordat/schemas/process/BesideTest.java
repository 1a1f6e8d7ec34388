package org.concordat.schemas.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BesideTest {
  /** Tells its thread's name once it may go on. */
  private static Beside<String> afterZeroOf(CountDownLatch latch) {
    return Beside.begin(
        "beside",
        () -> {
          try {
            latch.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return Thread.currentThread().getName();
        });
  }

  private static Beside<String> failing(RuntimeException failure) {
    return Beside.begin(
        "beside",
        () -> {
          throw failure;
        });
  }

  @Test
  @Timeout(60)
  void workGoesOnWhileItsCallerDoes() {
    var begun = new CountDownLatch(1);
    Beside<String> work = afterZeroOf(begun);
    begun.countDown();
    assertThat(work.await()).isEqualTo("beside").isEqualTo(work.await());
  }

  @Test
  void whatItThrewIsThrownToWhoWaitsForIt() {
    var failure = new IllegalArgumentException("told by the test");
    assertThatThrownBy(failing(failure)::await).isSameAs(failure);
  }

  @Test
  void anErrorIsThrownAsItIs() {
    var failure = new LinkageError("told by the test");
    Beside<String> work =
        Beside.begin(
            "beside",
            () -> {
              throw failure;
            });
    assertThatThrownBy(work::await).isSameAs(failure);
  }

  @Test
  void whoMayBeInterruptedGetsItsResultOrWhatItThrew() throws Exception {
    assertThat(Beside.begin("beside", () -> "done").awaitInterruptibly()).isEqualTo("done");
    var failure = new IllegalArgumentException("told by the test");
    assertThatThrownBy(failing(failure)::awaitInterruptibly)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isSameAs(failure);
  }

  @Test
  @Timeout(60)
  void anInterruptEndsTheWaitAndNotTheWork() throws Exception {
    var begun = new CountDownLatch(1);
    Beside<String> work = afterZeroOf(begun);
    Thread.currentThread().interrupt();
    assertThatThrownBy(work::awaitInterruptibly).isInstanceOf(InterruptedException.class);
    begun.countDown();
    assertThat(work.awaitInterruptibly()).isEqualTo("beside");
  }
}
