package org.concordat.aggregator.mpc;

/**
 * One party's way to its peers during one attempt. Authentic and confidential: what is received
 * from a peer, that peer sent, in this attempt, in this order.
 *
 * <p>Used by one thread. A broken link ends the attempt with an exception of the implementation's.
 */
public interface Channel {
  /** Words of one flight. */
  int FLIGHT_WORDS_MAX = 1 << 23;

  /** This party, from 0 to {@code parties() - 1}. */
  int party();

  int parties();

  /**
   * Sends {@code words[offset .. offset + length)}, 1 to {@link #FLIGHT_WORDS_MAX} of them. The
   * array may be overwritten on return. Must not wait for the peer's {@code receive}: all parties
   * send before they receive.
   */
  void send(int peer, Step step, long[] words, int offset, int length);

  /**
   * Waits for the peer's next flight and puts it where told.
   *
   * @throws ProtocolAbortException the flight that came is another step's or of another length
   */
  void receive(int peer, Step step, long[] words, int offset, int length);
}
