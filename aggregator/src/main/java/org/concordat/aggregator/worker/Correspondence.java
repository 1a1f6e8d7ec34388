package org.concordat.aggregator.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.concordat.aggregator.batch.Settings;
import org.concordat.aggregator.peer.PeerSession;
import org.concordat.aggregator.peer.UnavailableException;
import org.concordat.schemas.record.Objection;
import org.concordat.schemas.record.PeerMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition's messages to its peers, over the session that is up. The partition's thread's; any
 * may look whether there is a session.
 */
final class Correspondence {
  private static final Logger LOG = LoggerFactory.getLogger(Correspondence.class);

  /** A leader that is elsewhere is objected to many times a second. */
  private static final long TELL_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

  private final Settings settings;
  private final LongSupplier nanoClock;

  /** When the log last told of an objection, by reason; no longer ago than it stays silent. */
  private final Map<String, Long> toldNanos = new HashMap<>();

  private volatile @Nullable PeerSession session;

  Correspondence(Settings settings, LongSupplier nanoClock) {
    this.settings = settings;
    this.nanoClock = nanoClock;
  }

  void begin(PeerSession up) {
    session = up;
  }

  /** False if the session that has ended isn't the last one that began. */
  boolean end(PeerSession down) {
    if (session != down) {
      return false;
    }
    session = null;
    return true;
  }

  boolean goesOver(PeerSession one) {
    return session == one;
  }

  @Nullable PeerSession session() {
    return session;
  }

  void broadcast(PeerMessage content) {
    byte[] message = PeerRouter.encode(content);
    for (int peer = 0; peer < settings.aggregators().size(); peer++) {
      if (peer != settings.me()) {
        send(peer, message);
      }
    }
  }

  void send(int peer, PeerMessage content) {
    if (content.getContent() instanceof Objection objection && mayTell(objection.getReason())) {
      LOG.atInfo()
          .addKeyValue("partition", settings.partition())
          .addKeyValue("batch", objection.getBatch())
          .addKeyValue("attempt", objection.getAttempt())
          .addKeyValue("reason", objection.getReason())
          .log("Objected to the leader's cut.");
    }
    send(peer, PeerRouter.encode(content));
  }

  /** The same reason at most once a minute. */
  private boolean mayTell(String reason) {
    long now = nanoClock.getAsLong();
    toldNanos.values().removeIf(told -> now - told >= TELL_AGAIN_NANOS);
    return toldNanos.putIfAbsent(reason, now) == null;
  }

  private void send(int peer, byte[] message) {
    PeerSession current = session;
    if (current != null) {
      try {
        current.sendControl(peer, message);
      } catch (UnavailableException e) {
        // The session's end comes as an event of its own.
        LOG.atDebug().addKeyValue("peer", e.peer()).log("A message had no link.");
      }
    }
  }
}
