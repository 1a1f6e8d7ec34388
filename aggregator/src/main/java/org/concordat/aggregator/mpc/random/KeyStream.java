package org.concordat.aggregator.mpc.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.concordat.aggregator.mpc.Step;

/**
 * One pair's pseudo-random words: AES-256 in counter mode under the pair's key of this attempt, the
 * step's number in the upper half of the IV and a counter from 0 in the lower.
 *
 * <p>The JDK's cipher is at its fastest on chunks of 16 KiB out of one array of zeros into another
 * array; one call for a mebibyte is 50 times slower a byte.
 */
final class KeyStream {
  static final int KEY_BYTES = 32;
  static final int CHUNK_WORDS = 2048;
  private static final int CHUNK_BYTES = CHUNK_WORDS * Long.BYTES;
  private static final int IV_BYTES = 16;
  private static final byte[] ZEROS = new byte[CHUNK_BYTES];
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final SecretKeySpec key;
  private final Cipher cipher;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final MemorySegment chunkWords = MemorySegment.ofArray(chunk);
  private int lastStep = -1;

  KeyStream(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("key length");
    }
    this.key = new SecretKeySpec(key, "AES");
    try {
      this.cipher = Cipher.getInstance("AES/CTR/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES in counter mode is missing", e);
    }
  }

  /**
   * Starts the words of a step.
   *
   * @throws IllegalStateException the step, or a later one, has drawn already
   */
  void begin(Step step) {
    if (step.number() <= lastStep) {
      // Two values under one mask give away their difference (PROTOCOLS R3).
      throw new IllegalStateException("a step draws from a key once, and steps ascend");
    }
    lastStep = step.number();
    byte[] iv = new byte[IV_BYTES];
    for (int i = 0; i < Integer.BYTES; i++) {
      iv[i] = (byte) (step.number() >>> (24 - 8 * i));
    }
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES refuses its key", e);
    }
  }

  /** The step's next 1 to {@link #CHUNK_WORDS} words, into {@code target} from its beginning. */
  void next(long[] target, int words) {
    try {
      int bytes = cipher.update(ZEROS, 0, words * Long.BYTES, chunk);
      if (bytes != words * Long.BYTES) {
        throw new IllegalStateException("counter mode held back output");
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the chunk is too short", e);
    }
    MemorySegment.copy(chunkWords, WORD, 0, target, 0, words);
  }
}
