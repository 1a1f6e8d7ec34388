package org.concordat.it;

/** Whether words look drawn at random: chi-squared over their bytes, and how many bits are set. */
final class Uniformity {
  /** Standard deviations: a right implementation fails once in 500 million runs. */
  static final double SIGMAS = 6;

  private final long[] counts = new long[256];
  private long bytes;
  private long ones;

  void add(long[] words) {
    for (long word : words) {
      ones += Long.bitCount(word);
      for (int shift = 0; shift < Long.SIZE; shift += 8) {
        counts[(int) (word >>> shift) & 0xff]++;
      }
    }
    bytes += 8L * words.length;
  }

  private double chiSquared() {
    double expected = bytes / 256.0;
    double sum = 0;
    for (long count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }

  /** The statistic has mean 255 and variance 510. */
  boolean looksUniform() {
    double bits = 8.0 * bytes;
    return bytes > 100_000
        && Math.abs(chiSquared() - 255) < SIGMAS * Math.sqrt(510)
        && Math.abs(ones - bits / 2) < SIGMAS * Math.sqrt(bits) / 2;
  }

  @Override
  public String toString() {
    return "chi-squared " + chiSquared() + ", ones " + ones + ", bytes " + bytes;
  }
}
