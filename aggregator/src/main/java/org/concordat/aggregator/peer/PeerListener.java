package org.concordat.aggregator.peer;

/**
 * Hears of sessions and messages, on one thread and in order: a session's messages come after its
 * beginning and before its end. A call that takes long holds up the next ones.
 */
public interface PeerListener {
  void sessionUp(PeerSession session);

  /**
   * @param message the listener's own
   * @param taken to be run once, by any thread, when the message waits no longer: until then it
   *     counts against what the peer may send ahead
   */
  void control(PeerSession session, int peer, byte[] message, Runnable taken);

  /**
   * @param reason for logs: a peer's name and a code, no bytes of any message
   */
  void sessionDown(PeerSession session, String reason);
}
