package org.concordat.ops.bench.engine;

/**
 * Public pseudo-random words: word {@code index} of stream {@code stream} under a seed is {@code
 * mix(seed + (stream * 2^40 + index + 1) * 0x9E3779B97F4A7C15)}, with the output function of
 * SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
 */
final class SeededWords {
  /** Streams of inputs are below it; component c of input stream s is shared by streams above. */
  static final int INPUT_STREAMS = 1 << 12;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int INDEX_BITS = 40;

  private final long seed;

  SeededWords(long seed) {
    this.seed = seed;
  }

  long word(int stream, long index) {
    long z = seed + (((long) stream << INDEX_BITS) + index + 1) * GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Component 1 or 2 of an input word's sharing; component 0 is what is left. */
  long component(int component, int stream, long index) {
    return word(component * INPUT_STREAMS + stream, index);
  }
}
