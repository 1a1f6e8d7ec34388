package org.concordat.aggregator.mpc.random;

import org.concordat.aggregator.mpc.Step;

/**
 * One party's correlated randomness for one attempt among three parties: key k_i is shared by P_i
 * and P_{i-1}. Araki et al. 2016/768, section 2.2, with AES-256 in counter mode as the
 * pseudo-random function.
 *
 * <p>Sends nothing. A mask of a step is uniform to the party that lacks its key. Protects nothing
 * if a key is used for two attempts: keys come fresh from the session, bound to batch and attempt.
 * Each step draws from each key at most once, which is enforced.
 */
public final class Randomness {
  private final KeyStream previous;
  private final KeyStream next;
  private final long[] previousWords = new long[KeyStream.CHUNK_WORDS];
  private final long[] nextWords = new long[KeyStream.CHUNK_WORDS];

  /**
   * @param keyWithPrevious 32 bytes, k_i
   * @param keyWithNext 32 bytes, k_{i+1}
   */
  public Randomness(byte[] keyWithPrevious, byte[] keyWithNext) {
    this.previous = new KeyStream(keyWithPrevious);
    this.next = new KeyStream(keyWithNext);
  }

  /** This party's summands of {@code length} zeros under exclusive or. */
  public void zeroShareBits(Step step, long[] target, int length) {
    previous.begin(step);
    next.begin(step);
    for (int at = 0; at < length; at += KeyStream.CHUNK_WORDS) {
      int words = Math.min(KeyStream.CHUNK_WORDS, length - at);
      previous.next(previousWords, words);
      next.next(nextWords, words);
      for (int i = 0; i < words; i++) {
        previousWords[i] ^= nextWords[i];
      }
      System.arraycopy(previousWords, 0, target, at, words);
    }
  }

  /** This party's summands of {@code length} zeros mod 2^64. */
  public void zeroShareWords(Step step, long[] target, int length) {
    previous.begin(step);
    next.begin(step);
    for (int at = 0; at < length; at += KeyStream.CHUNK_WORDS) {
      int words = Math.min(KeyStream.CHUNK_WORDS, length - at);
      previous.next(previousWords, words);
      next.next(nextWords, words);
      for (int i = 0; i < words; i++) {
        previousWords[i] -= nextWords[i];
      }
      System.arraycopy(previousWords, 0, target, at, words);
    }
  }

  /** Words that the previous party draws alike with {@link #withNext}. */
  public void withPrevious(Step step, long[] target, int length) {
    draw(previous, previousWords, step, target, length);
  }

  /** Words that the next party draws alike with {@link #withPrevious}. */
  public void withNext(Step step, long[] target, int length) {
    draw(next, nextWords, step, target, length);
  }

  /**
   * Fills both arrays with uniformly drawn orders of the numbers below their length: one that the
   * previous party draws alike, as its own with the next one, and one that the next party does.
   */
  public void permutations(Step step, int[] withPrevious, int[] withNext) {
    permutation(previous, previousWords, step, withPrevious);
    permutation(next, nextWords, step, withNext);
  }

  /**
   * Fisher and Yates, as in Knuth, "The Art of Computer Programming", section 3.4.2. Numbers below
   * a bound are drawn by rejection: every one is as likely as the others.
   */
  private static void permutation(KeyStream stream, long[] chunk, Step step, int[] target) {
    stream.begin(step);
    for (int i = 0; i < target.length; i++) {
      target[i] = i;
    }
    int used = chunk.length;
    for (int last = target.length - 1; last > 0; last--) {
      int mask = (Integer.highestOneBit(last) << 1) - 1;
      int chosen;
      do {
        if (used == chunk.length) {
          stream.next(chunk, chunk.length);
          used = 0;
        }
        chosen = (int) chunk[used++] & mask;
      } while (chosen > last);
      int moved = target[last];
      target[last] = target[chosen];
      target[chosen] = moved;
    }
  }

  private static void draw(KeyStream stream, long[] chunk, Step step, long[] target, int length) {
    stream.begin(step);
    for (int at = 0; at < length; at += KeyStream.CHUNK_WORDS) {
      int words = Math.min(KeyStream.CHUNK_WORDS, length - at);
      stream.next(chunk, words);
      System.arraycopy(chunk, 0, target, at, words);
    }
  }
}
