package org.concordat.aggregator.mpc.rep3;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.concordat.aggregator.mpc.Step;

/**
 * SHA-256 by which the second holder of an opened component vouches for it: over a label, the step,
 * the number of words and the words. The channel binds session and attempt.
 */
final class CopyHash {
  /** Words of a hash on the wire. */
  static final int WORDS = 4;

  private static final int CHUNK_WORDS = 2048;
  private static final byte[] LABEL = {'r', 'e', 'p', '3', '-', 'o', 'p', 'e', 'n'};
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private CopyHash() {}

  static long[] of(Step step, long[] words, int length) {
    MessageDigest digest = sha256();
    digest.update(LABEL);
    byte[] chunk = new byte[CHUNK_WORDS * Long.BYTES];
    MemorySegment segment = MemorySegment.ofArray(chunk);
    segment.set(WORD, 0, step.number());
    segment.set(WORD, Long.BYTES, length);
    digest.update(chunk, 0, 2 * Long.BYTES);
    for (int at = 0; at < length; at += CHUNK_WORDS) {
      int count = Math.min(CHUNK_WORDS, length - at);
      MemorySegment.copy(words, at, segment, WORD, 0, count);
      digest.update(chunk, 0, count * Long.BYTES);
    }
    long[] hash = new long[WORDS];
    MemorySegment.copy(MemorySegment.ofArray(digest.digest()), WORD, 0, hash, 0, WORDS);
    return hash;
  }

  /** In constant time. */
  static boolean equal(long[] left, long[] right) {
    return MessageDigest.isEqual(bytes(left), bytes(right));
  }

  private static byte[] bytes(long[] hash) {
    byte[] bytes = new byte[WORDS * Long.BYTES];
    MemorySegment.copy(hash, 0, MemorySegment.ofArray(bytes), WORD, 0, WORDS);
    return bytes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing", e);
    }
  }
}
