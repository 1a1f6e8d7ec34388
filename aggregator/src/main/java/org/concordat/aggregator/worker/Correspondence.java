package org.concordat.aggregator.worker;

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

  private final Settings settings;
  private volatile @Nullable PeerSession session;

  Correspondence(Settings settings) {
    this.settings = settings;
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
    if (content.getContent() instanceof Objection objection) {
      LOG.atInfo()
          .addKeyValue("partition", settings.partition())
          .addKeyValue("batch", objection.getBatch())
          .addKeyValue("attempt", objection.getAttempt())
          .addKeyValue("reason", objection.getReason())
          .log("Objected to the leader's cut.");
    }
    send(peer, PeerRouter.encode(content));
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
