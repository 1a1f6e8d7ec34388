package org.concordat.aggregator.peer;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.schemas.problem.Code;

/**
 * One direction of a link: AES-256-GCM, frame by frame, in order. The nonce is the frame's number,
 * which isn't sent: a frame that was altered, repeated, left out or moved doesn't open. After
 * {@code framesPerKey} frames both ends derive the next key from the last and forget the last.
 *
 * <p>Does NOT hide how long frames are and when they are sent. The JDK keeps copies of keys that
 * can't be overwritten; {@link #destroy} overwrites this class's own. For one thread at a time.
 */
final class FrameCipher {
  static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;

  private final int mode;
  private final long framesPerKey;
  private final Cipher cipher;
  private final byte[] key;
  private SecretKeySpec current;
  private long frame;
  private boolean destroyed;

  private FrameCipher(int mode, byte[] key, long framesPerKey) {
    this.mode = mode;
    this.framesPerKey = framesPerKey;
    this.key = key.clone();
    this.current = new SecretKeySpec(key, "AES");
    try {
      this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has AES-GCM.", e);
    }
  }

  static FrameCipher sealing(byte[] key, long framesPerKey) {
    return new FrameCipher(Cipher.ENCRYPT_MODE, key, framesPerKey);
  }

  static FrameCipher opening(byte[] key, long framesPerKey) {
    return new FrameCipher(Cipher.DECRYPT_MODE, key, framesPerKey);
  }

  /** Seals {@code plain[0 .. length)} into {@code target} from {@code offset}; returns its size. */
  int seal(byte[] plain, int length, byte[] target, int offset) {
    try {
      begin();
      return cipher.doFinal(plain, 0, length, target, offset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Sealing doesn't fail.", e);
    }
  }

  /** Opens {@code sealed[0 .. length)} into {@code plain}; returns its size. */
  int open(byte[] sealed, int length, byte[] plain) throws LinkFault {
    try {
      begin();
      return cipher.doFinal(sealed, 0, length, plain, 0);
    } catch (AEADBadTagException e) {
      throw new LinkFault(Code.CDT_650);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Opening fails at its tag only.", e);
    }
  }

  private void begin() throws GeneralSecurityException {
    if (destroyed) {
      throw new IllegalStateException("The key is destroyed.");
    }
    if (frame > 0 && frame % framesPerKey == 0) {
      byte[] next = Hkdf.expand(key, "next frame key");
      System.arraycopy(next, 0, key, 0, key.length);
      Arrays.fill(next, (byte) 0);
      current = new SecretKeySpec(key, "AES");
    }
    byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(frame).array();
    frame = Math.incrementExact(frame);
    cipher.init(mode, current, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
  }

  void destroy() {
    Arrays.fill(key, (byte) 0);
    destroyed = true;
  }
}
