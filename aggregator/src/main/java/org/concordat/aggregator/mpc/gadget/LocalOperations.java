package org.concordat.aggregator.mpc.gadget;

import java.util.Arrays;
import org.concordat.aggregator.mpc.Columns;
import org.concordat.aggregator.mpc.Suite;

/** Operations that each party does on its own components. A public value is in component 0. */
final class LocalOperations {
  private LocalOperations() {}

  static void run(Operation operation, Suite suite, Columns columns) {
    int words = columns.words();
    for (int position = 0; position < suite.held(); position++) {
      long[][] slots = columns.component(position);
      boolean holdsPublic = suite.component(position) == 0;
      switch (operation.kind()) {
        case XOR -> xor(operation, slots, words);
        case XOR_ALL -> xorAll(operation, slots, words);
        case NOT -> flip(operation, slots, holdsPublic ? -1L : 0L, words);
        case CONSTANT ->
            Arrays.fill(
                slots[operation.out()[0]], 0, words, holdsPublic ? operation.constant() : 0L);
        case LINEAR -> linear(operation, slots, holdsPublic ? operation.constant() : 0L, words);
        case COMPONENT_BITS -> {
          int column = operation.in()[0];
          long[][] lanes = Arrays.copyOfRange(slots, column, column + Columns.LANES);
          long[][] planes = new long[operation.out().length][];
          Arrays.setAll(planes, i -> slots[operation.out()[i]]);
          Transposition.planes(lanes, planes, columns.scratch(), words);
        }
        case AND, SELECT, CARRY, MULTIPLY, DOT, WEIGHTED, B2A ->
            throw new IllegalStateException("needs a flight");
      }
    }
  }

  private static void xor(Operation operation, long[][] slots, int words) {
    int count = operation.out().length;
    for (int k = 0; k < count; k++) {
      long[] left = slots[operation.in()[k]];
      xor(slots[operation.out()[k]], left, slots[operation.in()[count + k]], words);
    }
  }

  /** The result's slot is none of the operands'. */
  private static void xorAll(Operation operation, long[][] slots, int words) {
    int[] in = operation.in();
    long[] sum = slots[operation.out()[0]];
    xor(sum, slots[in[0]], slots[in[1]], words);
    int at = 2;
    for (; at + 4 <= in.length; at += 4) {
      addAll(sum, slots[in[at]], slots[in[at + 1]], slots[in[at + 2]], slots[in[at + 3]], words);
    }
    for (; at < in.length; at++) {
      xor(sum, sum, slots[in[at]], words);
    }
  }

  private static void addAll(long[] z, long[] a, long[] b, long[] c, long[] d, int words) {
    for (int i = 0; i < words; i++) {
      z[i] ^= (a[i] ^ b[i]) ^ (c[i] ^ d[i]);
    }
  }

  private static void flip(Operation operation, long[][] slots, long mask, int words) {
    for (int k = 0; k < operation.out().length; k++) {
      flip(slots[operation.out()[k]], slots[operation.in()[k]], mask, words);
    }
  }

  private static void linear(Operation operation, long[][] slots, long constant, int words) {
    int[] in = operation.in();
    long[] weights = operation.weights();
    int fours = in.length & -4;
    for (int lane = 0; lane < Columns.LANES; lane++) {
      long[] sum = slots[operation.out()[0] + lane];
      Arrays.fill(sum, 0, words, constant);
      for (int term = 0; term < fours; term += 4) {
        addProducts(
            sum,
            slots[in[term] + lane],
            slots[in[term + 1] + lane],
            slots[in[term + 2] + lane],
            slots[in[term + 3] + lane],
            weights,
            term,
            words);
      }
      for (int term = fours; term < in.length; term++) {
        addProduct(sum, slots[in[term] + lane], weights[term], words);
      }
    }
  }

  private static void xor(long[] z, long[] x, long[] y, int words) {
    for (int i = 0; i < words; i++) {
      z[i] = x[i] ^ y[i];
    }
  }

  private static void flip(long[] z, long[] x, long mask, int words) {
    for (int i = 0; i < words; i++) {
      z[i] = x[i] ^ mask;
    }
  }

  /** Four terms at once: the sum is read and written a quarter as often. */
  private static void addProducts(
      long[] z, long[] a, long[] b, long[] c, long[] d, long[] weights, int term, int words) {
    long wa = weights[term];
    long wb = weights[term + 1];
    long wc = weights[term + 2];
    long wd = weights[term + 3];
    for (int i = 0; i < words; i++) {
      z[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void addProduct(long[] z, long[] x, long weight, int words) {
    for (int i = 0; i < words; i++) {
      z[i] += x[i] * weight;
    }
  }
}
