package org.concordat.agent.store;

import java.nio.ByteBuffer;

/** 128 bits that name something and tell nothing of it; usable as a map's key. */
public record Id(long high, long low) {
  public static final int BYTES = 16;

  /** Takes the first 16 bytes. */
  public static Id of(byte[] bytes) {
    var buffer = ByteBuffer.wrap(bytes);
    return new Id(buffer.getLong(), buffer.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }
}
