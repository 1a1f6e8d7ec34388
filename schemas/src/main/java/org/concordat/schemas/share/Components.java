package org.concordat.schemas.share;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The share components of one block, each as a 32-byte seed or as explicit words. Secret: all of
 * them together are the plaintext.
 */
public final class Components {
  /** Bytes of a seed: an AES-256 key. */
  public static final int SEED_BYTES = 32;

  private final byte[][] bodies;
  private final int explicit;

  Components(byte[][] bodies, int explicit) {
    this.bodies = bodies;
    this.explicit = explicit;
  }

  public int count() {
    return bodies.length;
  }

  /** Whether the component's body is a seed. */
  public boolean seeded(int component) {
    return component != explicit;
  }

  /** A seed, or the words in little-endian order; not a copy. */
  public byte[] body(int component) {
    return bodies[component];
  }

  /** The component's words, expanded from the seed if need be. */
  public long[] words(int component, int wordCount) {
    return seeded(component)
        ? Rep3Sharing.expandSeed(bodies[component], wordCount)
        : wordsOf(bodies[component]);
  }

  /** Little-endian words of an explicit body. */
  public static long[] wordsOf(byte[] body) {
    long[] words = new long[body.length >>> 3];
    ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    return words;
  }

  /** Overwrites every seed and word. */
  public void destroy() {
    for (byte[] body : bodies) {
      Arrays.fill(body, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "Components[count=" + bodies.length + "]";
  }
}
