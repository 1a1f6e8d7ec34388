package org.concordat.aggregator.worker;

import org.concordat.aggregator.peer.PeerSession;
import org.concordat.schemas.record.PeerMessage;

/** A partition, as sessions with the peers see it. Calls come from any thread and take no time. */
interface SessionUser {
  int partition();

  /** Links to all peers are up. */
  void sessionUp(PeerSession session);

  void sessionDown(PeerSession session);

  /**
   * A message for this partition.
   *
   * @param taken to be run when the partition's thread has taken it
   */
  void fromPeer(PeerSession session, int peer, PeerMessage message, Runnable taken);
}
