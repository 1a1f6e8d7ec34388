package org.concordat.schemas.process;

import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when a thread fails in a way that nobody has foreseen, so that its supervisor
 * starts it again: else it would go on without what that thread did. Nothing is lost by it, as
 * nothing is by a kill.
 */
public final class UncaughtFailures implements Thread.UncaughtExceptionHandler {
  /** Of a process that has failed and is to be started again. */
  static final int STATUS = 1;

  private static final Logger LOG = LoggerFactory.getLogger(UncaughtFailures.class);

  private final BooleanSupplier stopping;
  private final IntConsumer halt;

  UncaughtFailures(BooleanSupplier stopping, IntConsumer halt) {
    this.stopping = stopping;
    this.halt = halt;
  }

  /**
   * Holds for all threads without a handler of their own, from now on.
   *
   * @param stopping whether the process ends anyway: then it is left to it
   */
  public static void endProcess(BooleanSupplier stopping) {
    Thread.setDefaultUncaughtExceptionHandler(
        new UncaughtFailures(stopping, Runtime.getRuntime()::halt));
  }

  @Override
  public void uncaughtException(Thread thread, Throwable failure) {
    try {
      LOG.atError()
          .addKeyValue("thread", thread.getName())
          .setCause(Outline.of(failure))
          .log("A thread has failed as nobody foresaw: the process ends.");
    } finally {
      // Also where there is no memory to tell it.
      if (!stopping.getAsBoolean()) {
        halt.accept(STATUS);
      }
    }
  }
}
