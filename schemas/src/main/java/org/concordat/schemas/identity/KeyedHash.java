package org.concordat.schemas.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Keyed hashes by HMAC-SHA-256 (RFC 2104) of a label and what follows it: nobody without the key
 * can test a guess, and hashes under different labels never meet. Belongs to one thread.
 *
 * <p>Parts aren't counted: a caller that hashes more than one whose length varies puts its {@link
 * #label} or its length before it.
 */
public final class KeyedHash {
  private static final int LABEL_BYTES_MAX = 255;

  private final Mac mac;

  public KeyedHash(SecretKey key) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("HMAC-SHA-256 is missing.", e);
    }
  }

  /**
   * A text after its length, so that no two begin alike.
   *
   * @param text of 255 bytes at most in UTF-8
   */
  public static byte[] label(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LABEL_BYTES_MAX) {
      throw new IllegalArgumentException("A label has 255 bytes at most.");
    }
    return ByteBuffer.allocate(1 + bytes.length).put((byte) bytes.length).put(bytes).array();
  }

  /** Takes in a part of what is hashed. */
  public KeyedHash with(byte[] part) {
    mac.update(part);
    return this;
  }

  /** The 32 bytes of all parts and the last one; the next hash starts anew. */
  public byte[] hash(byte[] last) {
    return mac.doFinal(last);
  }
}
