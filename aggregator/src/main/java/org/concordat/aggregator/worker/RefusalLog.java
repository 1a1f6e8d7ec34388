package org.concordat.aggregator.worker;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence of records that are set aside: where each stands on its bank's topic, and the hash
 * by which it is known again. Of a flood, a minute's first records of a bank stand for the others,
 * which are counted. Belongs to the reader's thread.
 */
final class RefusalLog {
  /** Records of a bank that are told within a minute. */
  static final int RECORDS_MAX = 20;

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  /** What was refused of a bank since a moment. */
  private static final class Minute {
    private final long beginNanos;
    private int told;
    private long untold;

    Minute(long beginNanos) {
      this.beginNanos = beginNanos;
    }

    boolean isOver(long nanos) {
      return nanos - beginNanos >= MINUTE_NANOS;
    }
  }

  private final int partition;
  private final LongSupplier nanoClock;
  private final Map<String, Minute> minutes = new HashMap<>();

  RefusalLog(int partition, LongSupplier nanoClock) {
    this.partition = partition;
    this.nanoClock = nanoClock;
  }

  void refused(Admission.Refused refused, WaitingBlocks.Sealed record) {
    tick();
    Minute minute =
        minutes.computeIfAbsent(refused.bank(), bank -> new Minute(nanoClock.getAsLong()));
    if (minute.told >= RECORDS_MAX) {
      minute.untold++;
      return;
    }
    minute.told++;
    byte[] value = record.value();
    LOG.atWarn()
        .addKeyValue("code", refused.code().label())
        .addKeyValue("bank", refused.bank())
        .addKeyValue("partition", partition)
        .addKeyValue("offset", record.offset())
        .addKeyValue("sequence", refused.sequence().map(Object::toString).orElse("unknown"))
        .addKeyValue("lengthBytes", value == null ? 0 : value.length)
        .addKeyValue("sha256", sha256(value))
        .log(refused.code().cause());
  }

  /** Tells how many records weren't told, once their minute is over. */
  void tick() {
    long nanos = nanoClock.getAsLong();
    minutes.forEach(
        (bank, minute) -> {
          if (minute.isOver(nanos) && minute.untold > 0) {
            LOG.atWarn()
                .addKeyValue("bank", bank)
                .addKeyValue("partition", partition)
                .addKeyValue("records", minute.untold)
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
