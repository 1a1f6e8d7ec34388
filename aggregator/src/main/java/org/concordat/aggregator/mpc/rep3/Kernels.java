package org.concordat.aggregator.mpc.rep3;

/**
 * The loops of rep3 over the words of slots. Every array is used from index 0: the compiler
 * vectorises such loops, but not ones with offsets into arrays that might be the same.
 */
final class Kernels {
  private Kernels() {}

  /** Adds this party's part of x & y to z, which holds a zero share. */
  static void and(long[] z, long[] x0, long[] x1, long[] y0, long[] y1, int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= (x0[i] & (y0[i] ^ y1[i])) ^ (x1[i] & y0[i]);
    }
  }

  /** Adds this party's part of the majority of a value's three components. */
  static void majority(long[] z, long[] x0, long[] x1, int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= x0[i] & x1[i];
    }
  }

  /** Adds this party's part of x * y to z, which holds a zero share. */
  static void multiply(long[] z, long[] x0, long[] x1, long[] y0, long[] y1, int words) {
    for (int i = 0; i < words; i++) {
      z[i] += x0[i] * (y0[i] + y1[i]) + x1[i] * y0[i];
    }
  }

  static void xor(long[] z, long[] x, int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= x[i];
    }
  }

  static void add(long[] z, long[] x, int words) {
    for (int i = 0; i < words; i++) {
      z[i] += x[i];
    }
  }

  /** The bit at {@code lane} of each word of {@code x0 ^ x1}, minus the mask in z. */
  static void maskedBit(long[] z, long[] x0, long[] x1, int lane, int words) {
    for (int i = 0; i < words; i++) {
      z[i] = (((x0[i] ^ x1[i]) >>> lane) & 1) - z[i];
    }
  }

  /** Adds {@code 2^shift * (v ? 1 - u : u)} for the bit v at {@code lane}. */
  static void addFlipped(long[] sum, long[] u, long[] bits, int lane, int shift, int words) {
    for (int i = 0; i < words; i++) {
      long v = (bits[i] >>> lane) & 1;
      sum[i] += (((u[i] ^ -v) + v) + v) << shift;
    }
  }

  /** Adds {@code 2^shift * (v ? -u : u)} for the bit v at {@code lane}. */
  static void addSigned(long[] sum, long[] u, long[] bits, int lane, int shift, int words) {
    for (int i = 0; i < words; i++) {
      long v = (bits[i] >>> lane) & 1;
      sum[i] += ((u[i] ^ -v) + v) << shift;
    }
  }
}
