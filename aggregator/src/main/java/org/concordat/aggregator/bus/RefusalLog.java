package org.concordat.aggregator.bus;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.process.LogMinute;
import org.concordat.schemas.process.Outline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The evidence of records that are set aside: where each stands on its bank's topic, and the hash
 * by which it is known again. Of a flood, a minute's first records of a topic's partition stand for
 * the others, which are counted; refusals don't use up the lines of what found a bug. Belongs to
 * the reader's thread.
 */
public final class RefusalLog {
  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

  /**
   * A record of a bank's topic.
   *
   * @param value null where the bank wrote none
   */
  public record BankRecord(String bank, TopicPartition at, long offset, byte @Nullable [] value) {}

  /** Of a partition: a bank that floods its topic can't hide what failed among refusals. */
  private record Minute(String bank, LogMinute refused, LogMinute failed) {
    Minute(String bank, long beginNanos) {
      this(bank, new LogMinute(beginNanos), new LogMinute(beginNanos));
    }

    boolean isOver(long nanos) {
      return refused.isOver(nanos);
    }

    long untold() {
      return refused.untold() + failed.untold();
    }
  }

  private final LongSupplier nanoClock;
  private final Map<TopicPartition, Minute> minutes = new HashMap<>();

  public RefusalLog(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A record that isn't a block. */
  public void refusedRecord(BankRecord record, Code code) {
    if (minute(record).refused().mayTell()) {
      evidence(LOG.atWarn(), record, code).log("A record is refused.");
    }
  }

  /**
   * A block.
   *
   * @param sequence where the bank's signature vouches for it
   */
  public void refusedBlock(BankRecord record, Code code, Optional<Long> sequence) {
    if (minute(record).refused().mayTell()) {
      evidence(LOG.atWarn(), record, code)
          .addKeyValue("sequence", sequence.map(Object::toString).orElse("unknown"))
          .log(code.cause());
    }
  }

  /**
   * A record that a bug was found by.
   *
   * @param code that it is refused with
   */
  public void failed(BankRecord record, Code code, RuntimeException failure) {
    if (minute(record).failed().mayTell()) {
      evidence(LOG.atError(), record, code)
          .setCause(Outline.of(failure))
          .log("A record couldn't be looked at.");
    }
  }

  private Minute minute(BankRecord record) {
    tick();
    return minutes.computeIfAbsent(
        record.at(), at -> new Minute(record.bank(), nanoClock.getAsLong()));
  }

  private static LoggingEventBuilder evidence(
      LoggingEventBuilder line, BankRecord record, Code code) {
    byte[] value = record.value();
    return line.addKeyValue("code", code.label())
        .addKeyValue("bank", record.bank())
        .addKeyValue("topic", record.at().topic())
        .addKeyValue("partition", record.at().partition())
        .addKeyValue("offset", record.offset())
        .addKeyValue("lengthBytes", value == null ? 0 : value.length)
        .addKeyValue("sha256", sha256(value));
  }

  /** Tells how many records weren't told, once their minute is over. */
  public void tick() {
    long nanos = nanoClock.getAsLong();
    minutes.forEach(
        (at, minute) -> {
          if (minute.isOver(nanos) && minute.untold() > 0) {
            LOG.atWarn()
                .addKeyValue("bank", minute.bank())
                .addKeyValue("topic", at.topic())
                .addKeyValue("partition", at.partition())
                .addKeyValue("records", minute.untold())
                .log("More records of the bank were refused within a minute.");
          }
        });
    minutes.values().removeIf(minute -> minute.isOver(nanos));
  }

  private static String sha256(byte @Nullable [] value) {
    if (value == null) {
      return "none";
    }
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(value));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
