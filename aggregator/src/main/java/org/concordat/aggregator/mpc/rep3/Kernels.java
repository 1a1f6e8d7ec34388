package org.concordat.aggregator.mpc.rep3;

import org.concordat.aggregator.mpc.Columns;

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

  /**
   * Adds this party's parts of planes, each times one shared bit of the columns' tables, to z,
   * which holds a zero share. A bit becomes a mask, so shares decide no branch and no address.
   */
  static void select(long[] z, Columns columns, int[] planes, long offset) {
    int words = columns.words();
    long[][] first = columns.component(0);
    long[][] second = columns.component(1);
    long[] y0 = columns.table(0);
    long[] y1 = columns.table(1);
    int even = planes.length & ~1;
    for (int j = 0; j < even; j += 2) {
      long a0 = mask(y0, offset + j);
      long b0 = mask(y0, offset + j + 1);
      long a = a0 ^ mask(y1, offset + j);
      long b = b0 ^ mask(y1, offset + j + 1);
      int x = planes[j];
      int y = planes[j + 1];
      masked(z, first[x], second[x], a, a0, first[y], second[y], b, b0, words);
    }
    if (even < planes.length) {
      long m0 = mask(y0, offset + even);
      masked(z, first[planes[even]], second[planes[even]], m0 ^ mask(y1, offset + even), m0, words);
    }
  }

  /** All bits equal to one of packed ones. */
  private static long mask(long[] bits, long at) {
    return -(bits[(int) (at >>> 6)] >>> (at & 63) & 1);
  }

  private static void masked(long[] z, long[] x0, long[] x1, long m, long m0, int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= (x0[i] & m) ^ (x1[i] & m0);
    }
  }

  /** Two at once: z is read and written half as often. */
  private static void masked(
      long[] z,
      long[] x0,
      long[] x1,
      long m,
      long m0,
      long[] y0,
      long[] y1,
      long n,
      long n0,
      int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= (x0[i] & m) ^ (x1[i] & m0) ^ (y0[i] & n) ^ (y1[i] & n0);
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
