package org.concordat.rules.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Keyed hashes of accounts and beneficiaries, by HMAC-SHA-256 cut to 128 bits: what is remembered
 * names nobody to whom the key isn't known. Belongs to one thread.
 */
public final class HistoryIds {
  private static final byte[] ACCOUNT = label("history account");
  private static final byte[] BENEFICIARY = label("history beneficiary");

  private final Mac mac;

  /**
   * @param key of the bank alone, stable across restarts
   */
  public HistoryIds(SecretKey key) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("HMAC-SHA-256 is missing.", e);
    }
  }

  private static byte[] label(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
  }

  HistoryId account(byte[] account) {
    mac.update(ACCOUNT);
    return id(mac.doFinal(account));
  }

  /** Of a beneficiary as this account's: two accounts that pay one beneficiary share nothing. */
  HistoryId beneficiary(HistoryId account, byte[] beneficiary) {
    mac.update(BENEFICIARY);
    mac.update(
        ByteBuffer.allocate(2 * Long.BYTES).putLong(account.high()).putLong(account.low()).flip());
    return id(mac.doFinal(beneficiary));
  }

  private static HistoryId id(byte[] hash) {
    var buffer = ByteBuffer.wrap(hash);
    return new HistoryId(buffer.getLong(), buffer.getLong());
  }
}
