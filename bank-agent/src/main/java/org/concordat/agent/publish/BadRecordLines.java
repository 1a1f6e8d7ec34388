package org.concordat.agent.publish;

import java.util.function.LongSupplier;
import org.concordat.schemas.process.LogMinute;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many lines a minute a topic's reader logs of records that it can't use. Those left out are
 * told together. Belongs to the reader's thread.
 */
final class BadRecordLines {
  private static final Logger LOG = LoggerFactory.getLogger(BadRecordLines.class);

  private final String topic;
  private final LongSupplier nanoClock;
  private LogMinute minute;

  /**
   * @param topic as the log names it
   */
  BadRecordLines(String topic, LongSupplier nanoClock) {
    this.topic = topic;
    this.nanoClock = nanoClock;
    this.minute = new LogMinute(nanoClock.getAsLong());
  }

  /** Whether there is a line left for a record; else it is counted. */
  boolean mayTell() {
    tick();
    return minute.mayTell();
  }

  /** Tells how many records weren't told, once their minute is over. */
  void tick() {
    long nanos = nanoClock.getAsLong();
    if (!minute.isOver(nanos)) {
      return;
    }
    if (minute.untold() > 0) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("records", minute.untold())
          .log("More records of the topic couldn't be used within a minute.");
    }
    minute = new LogMinute(nanos);
  }
}
