package org.concordat.rules.history;

import java.nio.ByteBuffer;

/** Numbers in as many bytes as they need, seven bits in each, the lowest first. */
final class Varint {
  /** Bytes of the longest. */
  static final int BYTES_MAX = 10;

  private Varint() {}

  static void put(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  static long get(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalStateException("An account's history is damaged.");
  }
}
