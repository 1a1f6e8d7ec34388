package org.concordat.schemas.seal;

import java.nio.ByteBuffer;
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

  /**
   * Longer input goes to the JDK in pieces. The compiler puts the processor's AES instructions only
   * into code that is called often: at a few calls a second for a whole block, each runs for
   * minutes at 5 ms instead of 0.1 ms.
   */
  static final int PIECE_BYTES = 16 << 10;

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
    if (input.length <= PIECE_BYTES) {
      return cipher.doFinal(input);
    }
    boolean seals = mode == Cipher.ENCRYPT_MODE;
    byte[] output = new byte[input.length + (seals ? TAG_BYTES : -TAG_BYTES)];
    if (seals) {
      inPieces(cipher, input, output);
    } else {
      // Decryption gives nothing before the tag was looked at, so that pieces are only collected.
      // From a buffer without an array the JDK takes pieces of its own.
      cipher.doFinal(ByteBuffer.wrap(input).asReadOnlyBuffer(), ByteBuffer.wrap(output));
    }
    return output;
  }

  private static void inPieces(Cipher cipher, byte[] input, byte[] output)
      throws GeneralSecurityException {
    int taken = 0;
    int given = 0;
    while (input.length - taken > PIECE_BYTES) {
      given += cipher.update(input, taken, PIECE_BYTES, output, given);
      taken += PIECE_BYTES;
    }
    cipher.doFinal(input, taken, input.length - taken, output, given);
  }

  static void wipe(byte[] secret) {
    Arrays.fill(secret, (byte) 0);
  }
}
