package org.concordat.agent.encode;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.concordat.agent.store.AgentStore;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingPublicKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.MalformedRecordException;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.Signed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aggregators' sealing keys, as they announce them on the bus. Kept in the store too, so that
 * an agent that starts while the brokers are down can spool. Where no later key is known, since
 * brokers or an aggregator are away, the last one is used for a week longer than it is in force
 * (ADR 0025): as set up by default its owner keeps it for longer than that.
 */
public final class KeyDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(KeyDirectory.class);
  private static final String STORED = "hpke/";

  /** How far an aggregator's clock may be ahead of this one's. */
  static final Duration AHEAD_MAX = Duration.ofHours(1);

  /** A longer id is refused, since it goes into each set-up record; an aggregator's has 16. */
  static final int KEY_ID_CHARS_MAX = 64;

  /** How long a key that isn't in force any more is used where there is no later one. */
  static final Duration LATE_MAX = Duration.ofDays(7);

  private final Charter charter;
  private final AgentStore store;
  private final LongSupplier millisClock;
  private final Map<String, HpkeKey> newest = new HashMap<>();

  public KeyDirectory(Charter charter, AgentStore store, LongSupplier millisClock) {
    this.charter = charter;
    this.store = store;
    this.millisClock = millisClock;
    store.values(STORED).values().forEach(value -> take(value, false));
  }

  /**
   * Takes a record of topic {@code keys}; one that isn't an aggregator's own is left out, and one
   * that nothing can be sealed to.
   */
  public void record(byte @Nullable [] value) {
    // Without a value: the owner has destroyed a key, and announced another long before.
    if (value != null) {
      take(value, true);
    }
  }

  private synchronized void take(byte[] value, boolean keep) {
    HpkeKey key;
    try {
      key = RecordCodec.decode(HpkeKey.class, value);
    } catch (MalformedRecordException e) {
      LOG.atWarn().log("A record of the key topic isn't readable.");
      return;
    }
    int index = charter.aggregatorIndex(key.getOwner());
    if (index < 0
        || !key.getCharter().equals(charter.hash())
        || !Signed.verify(key, charter.aggregators().get(index).verifyingKey())) {
      LOG.atWarn().addKeyValue("index", index).log("A sealing key isn't signed by its owner.");
      return;
    }
    if (key.getNotBeforeMillis() > millisClock.getAsLong() + AHEAD_MAX.toMillis()) {
      // Taken, it would shut out every key that follows once the owner's clock is right again.
      LOG.atWarn().addKeyValue("owner", key.getOwner()).log("A sealing key is of the future.");
      return;
    }
    if (!isFormed(key)) {
      // Taken, it would end the process when a session is opened, and again after each restart.
      LOG.atWarn().addKeyValue("owner", key.getOwner()).log("A sealing key is malformed.");
      return;
    }
    HpkeKey known = newest.get(key.getOwner());
    if (known != null && known.getEpoch() >= key.getEpoch()) {
      return;
    }
    newest.put(key.getOwner(), key);
    if (keep) {
      store.put(STORED + key.getOwner(), value);
    }
    notifyAll();
  }

  /** Whether anything can be sealed to a key. */
  private static boolean isFormed(HpkeKey key) {
    if (key.getKeyId().length() > KEY_ID_CHARS_MAX) {
      return false;
    }
    ByteBuffer publicKey = key.getPublicKey();
    byte[] bytes = new byte[publicKey.remaining()];
    publicKey.duplicate().get(bytes);
    try {
      var _ = new SealingPublicKey(bytes);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The aggregators without a key in force. */
  public synchronized List<String> missing() {
    return withoutKeySince(millisClock.getAsLong());
  }

  /** The aggregators without a key that anything may be sealed under. */
  public synchronized List<String> unusable() {
    return withoutKeySince(millisClock.getAsLong() - LATE_MAX.toMillis());
  }

  private List<String> withoutKeySince(long millis) {
    var names = new ArrayList<String>();
    for (var aggregator : charter.aggregators()) {
      HpkeKey key = newest.get(aggregator.name());
      if (key == null || key.getNotAfterMillis() <= millis) {
        names.add(aggregator.name());
      }
    }
    return names;
  }

  /** Waits until every aggregator has a key in force. */
  synchronized void awaitInForce() throws InterruptedException {
    while (!missing().isEmpty()) {
      wait(1_000);
    }
  }

  /** Waits until every aggregator has a key that may be used; the keys by aggregator index. */
  synchronized List<HpkeKey> await() throws InterruptedException {
    while (!unusable().isEmpty()) {
      // A clock that is set right can make one usable.
      wait(1_000);
    }
    var keys = new ArrayList<HpkeKey>();
    for (var aggregator : charter.aggregators()) {
      HpkeKey key = newest.get(aggregator.name());
      if (key != null) {
        keys.add(key);
      }
    }
    return keys;
  }
}
