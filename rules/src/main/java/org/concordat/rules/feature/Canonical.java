package org.concordat.rules.feature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** How hashes of rule sets and their parts are made. */
public final class Canonical {
  private Canonical() {}

  /** SHA-256 over a label and parts, each after its length. */
  public static byte[] sha256(String label, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, ("concordat rules " + label).getBytes(StandardCharsets.UTF_8));
      for (byte[] part : parts) {
        update(digest, part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void update(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    digest.update(part);
  }
}
