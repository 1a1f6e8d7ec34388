package org.concordat.aggregator.peer;

/**
 * Hears of sessions and messages, on one thread and in order: a session's messages come after its
 * beginning and before its end. A call that takes long holds up the next ones.
 */
public interface PeerListener {
  void sessionUp(PeerSession session);

  /**
   * @param message the listener's own
   */
  void control(PeerSession session, int peer, byte[] message);

  /**
   * @param reason for logs: a peer's name and a code, no bytes of any message
   */
  void sessionDown(PeerSession session, String reason);
}
