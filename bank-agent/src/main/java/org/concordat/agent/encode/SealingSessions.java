package org.concordat.agent.encode;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.SpooledBlock;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.seal.BlockSealer;
import org.concordat.schemas.seal.SealingSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sealing sessions with all aggregators: new ones at each start, and whenever an aggregator has
 * a new key. Their secrets live in memory only; their set-up records are durable before a block is
 * sealed under them.
 */
public final class SealingSessions {
  private static final Logger LOG = LoggerFactory.getLogger(SealingSessions.class);

  private static final String SETUP = "setup/";

  /** The sessions in use. */
  record Current(long session, BlockSealer sealer) {}

  private final Charter charter;
  private final String bank;
  private final SigningKey signingKey;
  private final AgentStore store;
  private final KeyDirectory directory;
  private final SecureRandom random;
  private List<HpkeKey> keys = List.of();
  private @Nullable Current current;

  public SealingSessions(
      Charter charter,
      String bank,
      SigningKey signingKey,
      AgentStore store,
      KeyDirectory directory,
      SecureRandom random) {
    this.charter = charter;
    this.bank = bank;
    this.signingKey = signingKey;
    this.store = store;
    this.directory = directory;
    this.random = random;
  }

  int aggregators() {
    return charter.aggregators().size();
  }

  /** The store's name of a session's set-up record for an aggregator. */
  public static String setupName(long session, String aggregator) {
    return String.format(Locale.ROOT, SETUP + "%019d/%s", session, aggregator);
  }

  /**
   * Set-up records of sessions whose blocks have all been scored, or that sealed none, aren't
   * needed any more; those in use up to now may be, for a block on its way into the store.
   */
  private void forgetUnneeded() {
    Set<String> needed =
        store.unscored().stream()
            .mapToLong(SpooledBlock::session)
            .distinct()
            .mapToObj(session -> setupName(session, ""))
            .collect(Collectors.toCollection(HashSet::new));
    Current known = current;
    if (known != null) {
      needed.add(setupName(known.session(), ""));
    }
    store.remove(
        store.values(SETUP).keySet().stream()
            .filter(name -> !needed.contains(name.substring(0, name.lastIndexOf('/') + 1)))
            .toList());
  }

  /** Opens sessions if every aggregator has a key that may be used, and waits for none. */
  void prepare() throws InterruptedException {
    if (directory.unusable().isEmpty()) {
      var _ = current();
    }
  }

  /** Waits until another session than this one is in use, or keys in force. */
  void awaitOther(long session) throws InterruptedException {
    if (current().session() == session) {
      directory.awaitInForce();
    }
  }

  /** Waits until every aggregator has a key that may be used. */
  void awaitKeys() throws InterruptedException {
    var _ = directory.await();
  }

  /**
   * The same, and opens sessions where those in use aren't under the newest keys. Who seals under
   * them stores the blocks before anybody asks here twice more: set-up records are kept of the
   * sessions before these, and of older ones only as long as the store has blocks of theirs.
   */
  Current current() throws InterruptedException {
    List<HpkeKey> newest = directory.await();
    synchronized (this) {
      Current known = current;
      if (known != null && newest.equals(keys)) {
        return known;
      }
      long session = store.nextSession();
      forgetUnneeded();
      var sessions = new ArrayList<SealingSession>();
      for (int i = 0; i < newest.size(); i++) {
        String aggregator = charter.aggregators().get(i).name();
        var opened =
            SealingSession.open(charter, bank, signingKey, aggregator, newest.get(i), session);
        store.put(setupName(session, aggregator), RecordCodec.encode(opened.setup()));
        sessions.add(opened);
      }
      var sealer = new BlockSealer(charter, bank, signingKey, sessions, random);
      keys = newest;
      current = new Current(session, sealer);
      LOG.atInfo().addKeyValue("session", session).log("Sealing sessions are open.");
      return current;
    }
  }
}
