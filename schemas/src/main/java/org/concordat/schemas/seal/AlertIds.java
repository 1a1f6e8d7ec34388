package org.concordat.schemas.seal;

import java.util.Arrays;

/** Names alerts. */
public final class AlertIds {
  public static final int ID_BYTES = 16;

  private AlertIds() {}

  /** 128 bits of SHA-256 over charter, rule and transaction: the same whoever computes it. */
  public static byte[] alertId(byte[] charterHash, String rule, byte[] transactionId) {
    byte[] hash = Hashes.sha256("alert-id", charterHash, Hashes.text(rule), transactionId);
    return Arrays.copyOf(hash, ID_BYTES);
  }

  /**
   * Names a pattern in the alerts of all of its records: 128 bits of SHA-256 over charter, rule and
   * the transaction that completed it. Who sees alert ids on the bus can't compute it from them.
   */
  public static byte[] patternId(byte[] charterHash, String rule, byte[] transactionId) {
    byte[] hash = Hashes.sha256("pattern-id", charterHash, Hashes.text(rule), transactionId);
    return Arrays.copyOf(hash, ID_BYTES);
  }
}
