package org.concordat.rules.history;

import java.nio.ByteBuffer;
import javax.crypto.SecretKey;
import org.concordat.schemas.identity.KeyedHash;

/**
 * Keyed hashes of accounts and beneficiaries, by HMAC-SHA-256 cut to 128 bits: what is remembered
 * names nobody to whom the key isn't known. Belongs to one thread.
 */
public final class HistoryIds {
  private static final byte[] ACCOUNT = KeyedHash.label("history account");
  private static final byte[] BENEFICIARY = KeyedHash.label("history beneficiary");

  private final KeyedHash hash;

  /**
   * @param key of the bank alone, stable across restarts
   */
  public HistoryIds(SecretKey key) {
    this.hash = new KeyedHash(key);
  }

  HistoryId account(byte[] account) {
    return id(hash.with(ACCOUNT).hash(account));
  }

  /** Of a beneficiary as this account's: two accounts that pay one beneficiary share nothing. */
  HistoryId beneficiary(HistoryId account, byte[] beneficiary) {
    byte[] payer =
        ByteBuffer.allocate(2 * Long.BYTES).putLong(account.high()).putLong(account.low()).array();
    return id(hash.with(BENEFICIARY).with(payer).hash(beneficiary));
  }

  private static HistoryId id(byte[] hash) {
    var buffer = ByteBuffer.wrap(hash);
    return new HistoryId(buffer.getLong(), buffer.getLong());
  }
}
