package org.concordat.schemas.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * Work that goes on beside what its caller does next. A start is much work and little waiting:
 * where others keep the processors busy, two threads get more of them than one does.
 */
public final class Beside<T> {
  private final CompletableFuture<T> result;

  private Beside(CompletableFuture<T> result) {
    this.result = result;
  }

  /**
   * Begins it.
   *
   * @param name of its thread
   */
  public static <T> Beside<T> begin(String name, Supplier<T> work) {
    return new Beside<>(
        CompletableFuture.supplyAsync(
            work, task -> Thread.ofPlatform().name(name).daemon().start(task)));
  }

  /** Waits for its result; what it threw is thrown here. */
  public T await() {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * Waits for its result, or until whoever waits is interrupted; the work goes on then.
   *
   * @throws ExecutionException with what it threw
   */
  public T awaitInterruptibly() throws InterruptedException, ExecutionException {
    return result.get();
  }
}
