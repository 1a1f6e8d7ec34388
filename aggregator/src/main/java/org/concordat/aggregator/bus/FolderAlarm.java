package org.concordat.aggregator.bus;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.function.Consumer;
import org.concordat.schemas.problem.Code;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that the aggregator's folder can't be written, mostly since its disk is full: at once, and
 * again each minute while that lasts. Its users try on meanwhile.
 */
public final class FolderAlarm {
  private static final Logger LOG = LoggerFactory.getLogger(FolderAlarm.class);
  private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final Consumer<Code> alarm;
  private boolean failing;
  private long toldNanos;

  /**
   * @param alarm counts it
   */
  public FolderAlarm(Consumer<Code> alarm) {
    this.alarm = alarm;
  }

  /**
   * @param what couldn't be written
   */
  synchronized void failed(String what, IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      // The process is stopping: nothing is wrong with the folder, and the next start goes on.
      return;
    }
    long now = System.nanoTime();
    if (!failing || now - toldNanos >= AGAIN_NANOS) {
      toldNanos = now;
      alarm.accept(Code.CDT_511);
      LOG.atError()
          .addKeyValue("code", Code.CDT_511.label())
          .addKeyValue("what", what)
          .addKeyValue("cause", cause.getClass().getSimpleName())
          .log(Code.CDT_511.cause());
    }
    failing = true;
  }

  synchronized void written() {
    failing = false;
  }
}
