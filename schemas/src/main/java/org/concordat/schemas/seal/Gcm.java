package org.concordat.schemas.seal;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM of the JDK. Callers never use a key twice with one nonce. */
final class Gcm {
  static final int TAG_BYTES = 16;
  static final int NONCE_BYTES = 12;

  private Gcm() {}

  static byte[] seal(byte[] key, byte[] nonce, byte[] associated, byte[] plain) {
    try {
      return run(Cipher.ENCRYPT_MODE, key, nonce, associated, plain);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has AES-GCM.", e);
    }
  }

  /** The plaintext, or nothing where the tag is wrong. */
  static Optional<byte[]> open(byte[] key, byte[] nonce, byte[] associated, byte[] sealed) {
    if (sealed.length < TAG_BYTES) {
      return Optional.empty();
    }
    try {
      return Optional.of(run(Cipher.DECRYPT_MODE, key, nonce, associated, sealed));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has AES-GCM.", e);
    }
  }

  private static byte[] run(int mode, byte[] key, byte[] nonce, byte[] associated, byte[] input)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
    cipher.updateAAD(associated);
    return cipher.doFinal(input);
  }

  static void wipe(byte[] secret) {
    Arrays.fill(secret, (byte) 0);
  }
}
