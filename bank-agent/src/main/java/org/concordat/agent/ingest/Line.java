package org.concordat.agent.ingest;

/** One physical line with its end. Holds plaintext: prints its place only. */
final class Line {
  private final long offsetBytes;
  private final long number;
  private final byte[] bytes;
  private final long lengthBytes;

  /**
   * @param number from 1
   * @param bytes the line, or its beginning where it is too long
   * @param lengthBytes of the whole line
   */
  Line(long offsetBytes, long number, byte[] bytes, long lengthBytes) {
    this.offsetBytes = offsetBytes;
    this.number = number;
    this.bytes = bytes;
    this.lengthBytes = lengthBytes;
  }

  long number() {
    return number;
  }

  /** Not copied: a line lives between reading and parsing only. */
  byte[] bytes() {
    return bytes;
  }

  long lengthBytes() {
    return lengthBytes;
  }

  long endBytes() {
    return offsetBytes + lengthBytes;
  }

  boolean tooLong() {
    return lengthBytes > bytes.length;
  }

  boolean blank() {
    return bytes[0] == '\n' || bytes[0] == '\r';
  }

  @Override
  public String toString() {
    return "Line[" + number + "]";
  }
}
