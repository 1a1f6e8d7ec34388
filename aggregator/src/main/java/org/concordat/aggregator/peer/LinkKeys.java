package org.concordat.aggregator.peer;

import java.util.Arrays;

/** What one key exchange yields, as one end sees it. Prints nothing. */
final class LinkKeys {
  private final byte[] sending;
  private final byte[] receiving;
  private final byte[] secret;
  private final byte[] id;

  /**
   * @param extracted what HKDF extracted from the exchange's secrets; not kept
   */
  LinkKeys(byte[] extracted, boolean dialer) {
    byte[] fromDialer = Hkdf.expand(extracted, "frames of the dialer");
    byte[] fromAcceptor = Hkdf.expand(extracted, "frames of the acceptor");
    this.sending = dialer ? fromDialer : fromAcceptor;
    this.receiving = dialer ? fromAcceptor : fromDialer;
    this.secret = Hkdf.expand(extracted, "attempt keys");
    this.id = Hkdf.expand(extracted, "link id");
  }

  byte[] sending() {
    return sending;
  }

  byte[] receiving() {
    return receiving;
  }

  /** From it come the attempts' keys. */
  byte[] secret() {
    return secret;
  }

  /** 32 bytes, not secret, that name this exchange; equal at both ends. */
  byte[] id() {
    return id;
  }

  void destroy() {
    Arrays.fill(sending, (byte) 0);
    Arrays.fill(receiving, (byte) 0);
    Arrays.fill(secret, (byte) 0);
  }

  @Override
  public String toString() {
    return "LinkKeys";
  }
}
