package org.concordat.aggregator.peer;

/**
 * The time during which links to all peers are up under one set of keys. It ends for all parties
 * when one link is lost; what follows is another session with other keys. Safe for many threads.
 */
public interface PeerSession {
  /** The same at all parties; another one each time. */
  long id();

  /** This party, from 0 to {@code parties() - 1}. */
  int party();

  int parties();

  /** The newest version of the protocol that all parties speak: the same at each. */
  int protocol();

  boolean isUp();

  /**
   * Sends a message, 1 to {@link PeerLimits#CONTROL_BYTES_MAX} bytes; arrives once, in order, or
   * the session ends.
   *
   * @throws UnavailableException the session has ended
   */
  void sendControl(int peer, byte[] message);

  /**
   * The 32-byte key that this party and the peer use for one attempt: equal at both, unknown to
   * everyone else, independent of every other. The caller may overwrite it.
   *
   * <p>Given once: masks drawn twice from one key would open what they hide.
   *
   * @param batchHash 32 bytes that stand for the batch's whole content
   * @throws IllegalStateException this key was given before
   * @throws UnavailableException the session has ended
   */
  byte[] attemptKey(int peer, byte[] batchHash, int attempt);

  /**
   * Opens this party's end of an attempt, once; the peers may have sent already. Gives up what is
   * left of the batch's earlier attempts.
   *
   * @param partition from 0
   * @param batch from 0
   * @param attempt from 0, ascending within a batch
   * @throws IllegalStateException this attempt or a later one of the batch was opened before
   * @throws UnavailableException the session has ended
   */
  PeerChannel channel(int partition, long batch, int attempt);
}
