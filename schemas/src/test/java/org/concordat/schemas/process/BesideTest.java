package org.concordat.schemas.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BesideTest {
  @Test
  @Timeout(60)
  void workGoesOnWhileItsCallerDoes() {
    var begun = new CountDownLatch(1);
    Beside<String> work =
        Beside.begin(
            "beside",
            () -> {
              awaitZero(begun);
              return Thread.currentThread().getName();
            });
    begun.countDown();
    assertThat(work.await()).isEqualTo("beside").isEqualTo(work.await());
  }

  private static void awaitZero(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatItThrewIsThrownToWhoWaitsForIt() {
    var failure = new IllegalArgumentException("told by the test");
    Beside<String> work =
        Beside.begin(
            "beside",
            () -> {
              throw failure;
            });
    assertThatThrownBy(work::await).isSameAs(failure);
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
    Beside<String> work =
        Beside.begin(
            "beside",
            () -> {
              throw failure;
            });
    assertThatThrownBy(work::awaitInterruptibly)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isSameAs(failure);
  }

  @Test
  @Timeout(60)
  void anInterruptEndsTheWaitAndNotTheWork() throws Exception {
    var begun = new CountDownLatch(1);
    Beside<String> work =
        Beside.begin(
            "beside",
            () -> {
              awaitZero(begun);
              return "done";
            });
    Thread.currentThread().interrupt();
    assertThatThrownBy(work::awaitInterruptibly).isInstanceOf(InterruptedException.class);
    begun.countDown();
    assertThat(work.awaitInterruptibly()).isEqualTo("done");
  }
}
