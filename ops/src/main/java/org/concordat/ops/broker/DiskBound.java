package org.concordat.ops.broker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which banks may write no more, so that what a broker keeps stays below a bound. What
 * aggregators write is never held back: they finish what they have.
 *
 * <p>Each bank has an equal part. Without, one that floods its topics would stop all others until
 * its records are a week old. What aggregators write for one bank alone counts as the bank's: it is
 * as much as its blocks make it. The parts leave room for the rest of what they make of the blocks;
 * where that, or whatever else there is, takes more, all banks are stopped below the bound.
 */
final class DiskBound {
  private static final Logger LOG = LoggerFactory.getLogger(DiskBound.class);

  /** Who was stopped goes on below this part of what he was stopped at. */
  private static final double GOES_ON = 8.0 / 9;

  /** What is kept of a bank. */
  private enum Kind {
    /**
     * With the sessions that they are sealed in, and what aggregators answer to the bank. More
     * blocks wait in the bank's own spool.
     */
    BLOCKS(0.5, 0.9),

    /** Models, and topics of the bank's own, such as that of its alerts. */
    OWN_TOPICS(0.25, 0.95);

    /** Of the bound, for all banks together. */
    private final double part;

    /** Of the bound, beyond which no bank writes more, whatever it is that takes it. */
    private final double most;

    Kind(double part, double most) {
      this.part = part;
      this.most = most;
    }
  }

  private record Account(String bank, Kind kind) {}

  private final long bytesMax;
  private final String prefix;
  private volatile Set<Account> stopped = Set.of();

  /**
   * @param prefix of all the consortium's topics
   */
  DiskBound(long bytesMax, String prefix) {
    this.bytesMax = bytesMax;
    this.prefix = prefix;
  }

  /** Takes what the broker keeps of each topic now. One thread at a time. */
  void measured(Map<String, Long> bytesByTopic) {
    long bytes = 0;
    Map<Account, Long> kept = new HashMap<>();
    for (Map.Entry<String, Long> topic : bytesByTopic.entrySet()) {
      bytes += topic.getValue();
      Account account = account(topic.getKey());
      if (account != null) {
        kept.merge(account, topic.getValue(), Long::sum);
      }
    }
    long banks = kept.keySet().stream().map(Account::bank).distinct().count();
    Set<Account> full = new HashSet<>();
    for (Map.Entry<Account, Long> of : kept.entrySet()) {
      Account account = of.getKey();
      double line = bytesMax * (stopped.contains(account) ? GOES_ON : 1);
      double part = line * account.kind().part / banks;
      if (of.getValue() > part || bytes > line * account.kind().most) {
        full.add(account);
      }
    }
    tell(full, kept, bytes);
    stopped = Set.copyOf(full);
  }

  private void tell(Set<Account> full, Map<Account, Long> kept, long bytes) {
    for (Account account : full) {
      if (!stopped.contains(account)) {
        LOG.atWarn()
            .addKeyValue("bank", account.bank())
            .addKeyValue("of", account.kind())
            .addKeyValue("bytes", kept.get(account))
            .addKeyValue("bytesOfAll", bytes)
            .addKeyValue("diskBytesMax", bytesMax)
            .log("No room within the bound: what the bank writes is refused until some is free.");
      }
    }
    for (Account account : stopped) {
      if (!full.contains(account)) {
        LOG.atWarn()
            .addKeyValue("bank", account.bank())
            .addKeyValue("of", account.kind())
            .addKeyValue("bytesOfAll", bytes)
            .log("There is room again: what the bank writes is taken.");
      }
    }
  }

  /** Whether nothing more may be written to a topic, as of the last measurement. */
  boolean refuses(String topic) {
    Set<Account> now = stopped;
    if (now.isEmpty() || aggregatorsWrite(topic)) {
      return false;
    }
    Account account = account(topic);
    return account != null && now.contains(account);
  }

  /** Whether a topic is in a bank's part though the bank doesn't write it. */
  private boolean aggregatorsWrite(String topic) {
    return topic.startsWith(prefix + "alerts.") || topic.startsWith(prefix + "receipts.");
  }

  /** Whose part a topic is in; null for what is no single bank's. */
  private @Nullable Account account(String topic) {
    if (!topic.startsWith(prefix)) {
      return null;
    }
    String[] names = topic.substring(prefix.length()).split("\\.", -1);
    if (names.length < 2) {
      return null;
    }
    return switch (names[0]) {
      case "shares", "sessions", "alerts", "receipts" -> new Account(names[1], Kind.BLOCKS);
      case "models", "bank" -> new Account(names[1], Kind.OWN_TOPICS);
      default -> null;
    };
  }
}
