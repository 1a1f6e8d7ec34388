package org.concordat.agent.store;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * How far a source has been read.
 *
 * @param offsetBytes of the first byte that hasn't been read
 * @param lines that have been read
 * @param tailBytes how many bytes before the offset are known again
 * @param tailId keyed hash of those bytes, by which a replaced file is noticed
 */
public record SourcePosition(long offsetBytes, long lines, int tailBytes, String tailId) {
  /** Nothing has been read. */
  public static final SourcePosition START = new SourcePosition(0, 0, 0, "");

  byte[] value() {
    byte[] id = HexFormat.of().parseHex(tailId);
    return ByteBuffer.allocate(20 + id.length)
        .putLong(offsetBytes)
        .putLong(lines)
        .putInt(tailBytes)
        .put(id)
        .array();
  }

  static SourcePosition of(byte[] value) {
    var buffer = ByteBuffer.wrap(value);
    long offsetBytes = buffer.getLong();
    long lines = buffer.getLong();
    int tailBytes = buffer.getInt();
    byte[] id = new byte[buffer.remaining()];
    buffer.get(id);
    return new SourcePosition(offsetBytes, lines, tailBytes, HexFormat.of().formatHex(id));
  }
}
