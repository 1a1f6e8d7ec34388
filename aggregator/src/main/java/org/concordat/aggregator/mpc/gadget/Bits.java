package org.concordat.aggregator.mpc.gadget;

import java.util.Arrays;

/** Planes of a circuit, lowest bit first: a code, or bits that have nothing else in common. */
public final class Bits {
  private final int[] values;

  Bits(int... values) {
    this.values = values;
  }

  public int width() {
    return values.length;
  }

  public Bits bit(int index) {
    return new Bits(values[index]);
  }

  /** Bits {@code from} (inclusive) to {@code to} (exclusive). */
  public Bits slice(int from, int to) {
    return new Bits(Arrays.copyOfRange(values, from, to));
  }

  /** These bits, then the higher ones. */
  public Bits append(Bits higher) {
    int[] joined = Arrays.copyOf(values, values.length + higher.values.length);
    System.arraycopy(higher.values, 0, joined, values.length, higher.values.length);
    return new Bits(joined);
  }

  /** Every second bit, from {@code start}, before {@code end}. */
  Bits everySecond(int start, int end) {
    int[] chosen = new int[Math.max(0, (end - start + 1) / 2)];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = values[start + 2 * i];
    }
    return new Bits(chosen);
  }

  int value(int index) {
    return values[index];
  }

  int[] values() {
    return values;
  }
}
