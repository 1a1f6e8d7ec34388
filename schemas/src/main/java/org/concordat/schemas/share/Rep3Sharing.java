package org.concordat.schemas.share;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Replicated sharing among three parties: {@code x = x0 + x1 + x2} (mod 2^64, or exclusive or for
 * Boolean fields); aggregator i holds x_i and x_{i+1}. Araki et al., CCS 2016 (ePrint 2016/768),
 * section 2.1, with two of the three components sent as seeds (PROTOCOLS 1, compression).
 *
 * <p>Any one aggregator's two components are uniform whatever the values are; any two aggregators
 * hold everything. The seeds are expanded by AES-256 in counter mode, so secrecy against one
 * aggregator is computational. Nothing here detects a component that was changed: the commitments
 * in the block header do.
 */
public final class Rep3Sharing {
  public static final int PARTIES = 3;

  /** Longer calls run on a slower path of the JDK's AES. */
  private static final int CHUNK_BYTES = 16 << 10;

  private static final byte[] ZEROS = new byte[CHUNK_BYTES];

  private Rep3Sharing() {}

  /**
   * Splits a block's words, laid out by {@link ShareLayout}.
   *
   * @param words {@code layout.words(rows)} of them; unchanged
   * @param explicitComponent 0 to 2: the one that is sent in full
   */
  public static Components split(
      ShareLayout layout, long[] words, int rows, int explicitComponent, SecureRandom random) {
    int count = layout.words(rows);
    if (words.length < count || explicitComponent < 0 || explicitComponent >= PARTIES) {
      throw new IllegalArgumentException("words or explicitComponent");
    }
    byte[][] bodies = new byte[PARTIES][];
    long[] rest = java.util.Arrays.copyOf(words, count);
    for (int c = 0; c < PARTIES; c++) {
      if (c != explicitComponent) {
        bodies[c] = new byte[Components.SEED_BYTES];
        random.nextBytes(bodies[c]);
        takeAway(layout, rows, rest, expandSeed(bodies[c], count));
      }
    }
    byte[] explicit = new byte[count * Long.BYTES];
    ByteBuffer.wrap(explicit).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(rest);
    bodies[explicitComponent] = explicit;
    return new Components(bodies, explicitComponent);
  }

  /**
   * The pseudo-random component that a seed stands for: AES-256-CTR from counter 0, little-endian.
   */
  public static long[] expandSeed(byte[] seed, int wordCount) {
    long[] words = new long[wordCount];
    byte[] chunk = new byte[Math.min(CHUNK_BYTES / Long.BYTES, wordCount) * Long.BYTES];
    var buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      // The seed is fresh for each component of each block, so that the counter may start at 0.
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(seed, "AES"), new IvParameterSpec(new byte[16]));
      for (int done = 0; done < wordCount; ) {
        int part = Math.min(CHUNK_BYTES / Long.BYTES, wordCount - done);
        cipher.update(ZEROS, 0, part * Long.BYTES, chunk, 0);
        buffer.get(0, words, done, part);
        done += part;
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has AES in counter mode.", e);
    }
    return words;
  }

  /** Puts three components together. */
  public static long[] reconstruct(ShareLayout layout, int rows, long[] c0, long[] c1, long[] c2) {
    long[] words = java.util.Arrays.copyOf(c0, layout.words(rows));
    for (long[] component : new long[][] {c1, c2}) {
      int offset = 0;
      for (ShareField field : layout.fields()) {
        int end = offset + ShareLayout.fieldWords(field, rows);
        if (field.domain() == Domain.ARITHMETIC) {
          for (int i = offset; i < end; i++) {
            words[i] += component[i];
          }
        } else {
          for (int i = offset; i < end; i++) {
            words[i] ^= component[i];
          }
        }
        offset = end;
      }
    }
    return words;
  }

  private static void takeAway(ShareLayout layout, int rows, long[] rest, long[] component) {
    int offset = 0;
    for (ShareField field : layout.fields()) {
      int end = offset + ShareLayout.fieldWords(field, rows);
      if (field.domain() == Domain.ARITHMETIC) {
        for (int i = offset; i < end; i++) {
          rest[i] -= component[i];
        }
      } else {
        for (int i = offset; i < end; i++) {
          rest[i] ^= component[i];
        }
      }
      offset = end;
    }
  }
}
