package org.concordat.aggregator.mpc;

import java.util.Random;
import org.concordat.aggregator.mpc.rep3.Rep3;

/** Three parties of rep3 with keys from a seed, and values split among their columns. */
public final class Rep3Parties {
  public static final int PARTIES = 3;

  private final byte[][] keys = new byte[PARTIES][32];
  private final Random random;

  public Rep3Parties(long seed) {
    this.random = new Random(seed);
    for (byte[] key : keys) {
      random.nextBytes(key);
    }
  }

  public Rep3 suite(MemoryNetwork network, int party) {
    return new Rep3(network.channel(party), keys[party], keys[(party + 1) % PARTIES]);
  }

  /** Components of a word under addition. */
  public long[] sum(long word) {
    long first = random.nextLong();
    long second = random.nextLong();
    return new long[] {first, second, word - first - second};
  }

  /** Components of a word under exclusive or. */
  public long[] xor(long word) {
    long first = random.nextLong();
    long second = random.nextLong();
    return new long[] {first, second, word ^ first ^ second};
  }

  /** Puts values into an arithmetic column of all parties. */
  public void putWords(Columns[] parties, int column, long[] values) {
    for (int row = 0; row < values.length; row++) {
      put(parties, column + row % 64, row / 64, sum(values[row]));
    }
  }

  /** Puts one shared number into every word of a slot of all parties. */
  public void putScalar(Columns[] parties, int slot, long value) {
    long[] components = sum(value);
    for (int word = 0; word < parties[0].words(); word++) {
      put(parties, slot, word, components);
    }
  }

  /** Puts the low bits of values into planes of all parties. */
  public void putBits(Columns[] parties, int[] planes, long[] values) {
    for (int bit = 0; bit < planes.length; bit++) {
      long[] plane = new long[parties[0].words()];
      for (int row = 0; row < values.length; row++) {
        plane[row / 64] |= (values[row] >>> bit & 1) << row % 64;
      }
      for (int word = 0; word < plane.length; word++) {
        put(parties, planes[bit], word, xor(plane[word]));
      }
    }
  }

  private static void put(Columns[] parties, int slot, int word, long[] components) {
    for (int party = 0; party < PARTIES; party++) {
      for (int position = 0; position < 2; position++) {
        parties[party].component(position)[slot][word] = components[(party + position) % 3];
      }
    }
  }

  public static long[] words(Columns[] parties, int column, int rows) {
    long[] values = new long[rows];
    for (int row = 0; row < rows; row++) {
      long[] x = components(parties, column + row % 64, row / 64);
      values[row] = x[0] + x[1] + x[2];
    }
    return values;
  }

  public static long[] bits(Columns[] parties, int[] planes, int rows) {
    long[] values = new long[rows];
    for (int bit = 0; bit < planes.length; bit++) {
      for (int row = 0; row < rows; row++) {
        long[] x = components(parties, planes[bit], row / 64);
        values[row] |= ((x[0] ^ x[1] ^ x[2]) >>> row % 64 & 1) << bit;
      }
    }
    return values;
  }

  /** All three components of a word, after a check that both holders of each agree. */
  public static long[] components(Columns[] parties, int slot, int word) {
    long[] x = new long[PARTIES];
    for (int party = 0; party < PARTIES; party++) {
      x[party] = parties[party].component(0)[slot][word];
      long copy = parties[(party + 2) % 3].component(1)[slot][word];
      if (copy != x[party]) {
        throw new AssertionError("holders of component " + party + " differ");
      }
    }
    return x;
  }
}
