package org.concordat.agent.publish;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many lines a minute a topic's reader logs of records that it can't use: whoever writes them
 * could fill the bank's logs. Those left out are counted. Belongs to the reader's thread.
 */
final class BadRecordLines {
  static final int LINES_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(BadRecordLines.class);
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final String topic;
  private final LongSupplier nanoClock;
  private long beginNanos;
  private int told;
  private long untold;

  /**
   * @param topic as the log names it
   */
  BadRecordLines(String topic, LongSupplier nanoClock) {
    this.topic = topic;
    this.nanoClock = nanoClock;
    this.beginNanos = nanoClock.getAsLong();
  }

  /** Whether there is a line left for a record; else it is counted. */
  boolean mayTell() {
    tick();
    if (told >= LINES_MAX) {
      untold++;
      return false;
    }
    told++;
    return true;
  }

  /** Tells how many records weren't told, once their minute is over. */
  void tick() {
    long nanos = nanoClock.getAsLong();
    if (nanos - beginNanos < MINUTE_NANOS) {
      return;
    }
    if (untold > 0) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("records", untold)
          .log("More records of the topic couldn't be used within a minute.");
    }
    beginNanos = nanos;
    told = 0;
    untold = 0;
  }
}
