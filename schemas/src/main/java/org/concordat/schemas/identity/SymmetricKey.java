package org.concordat.schemas.identity;

import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.Destroyable;

/** 32 secret bytes for AES-256 or HMAC-SHA-256. */
public final class SymmetricKey implements Destroyable {
  public static final int KEY_BYTES = 32;

  private final byte[] bytes;
  private boolean destroyed;

  /**
   * @param bytes 32 bytes, copied
   */
  public SymmetricKey(byte[] bytes) {
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException("A symmetric key has 32 bytes.");
    }
    this.bytes = bytes.clone();
  }

  public static SymmetricKey generate(SecureRandom random) {
    byte[] bytes = new byte[KEY_BYTES];
    random.nextBytes(bytes);
    return new SymmetricKey(bytes);
  }

  /** For {@code AES} or {@code HmacSHA256}. */
  public SecretKey forAlgorithm(String algorithm) {
    return new SecretKeySpec(live(), algorithm);
  }

  byte[] live() {
    if (destroyed) {
      throw new IllegalStateException("The key is destroyed.");
    }
    return bytes;
  }

  @Override
  public void destroy() {
    Arrays.fill(bytes, (byte) 0);
    destroyed = true;
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "SymmetricKey";
  }
}
