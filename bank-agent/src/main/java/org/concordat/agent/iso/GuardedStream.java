package org.concordat.agent.iso;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Ends reading where a file is larger than its limit, or where a parser takes more bytes for one
 * piece than any piece may have: a parser keeps a piece in memory as a whole.
 */
final class GuardedStream extends FilterInputStream {
  /** Thrown through the parser. */
  static final class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** What a parser reads ahead of the piece at hand. */
  private static final int AHEAD_BYTES = 64 << 10;

  private final long bytesMax;
  private final int pieceBytesMax;
  private long bytes;
  private long pieceStart;
  private boolean exceeded;
  private @Nullable IOException failure;

  GuardedStream(InputStream in, long bytesMax, int pieceBytesMax) {
    super(in);
    this.bytesMax = bytesMax;
    this.pieceBytesMax = pieceBytesMax;
  }

  /** The parser has handed over a piece. */
  void piece() {
    pieceStart = bytes;
  }

  boolean exceeded() {
    return exceeded;
  }

  /** Why the source itself couldn't be read, if it couldn't: that is no fault of what it holds. */
  @Nullable IOException failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    try {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      int read = super.read(target, offset, length);
      count(Math.max(read, 0));
      return read;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private IOException failed(IOException e) {
    if (!exceeded) {
      failure = e;
    }
    return e;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void count(int more) throws TooLarge {
    bytes += more;
    if (bytes > bytesMax || bytes - pieceStart > (long) pieceBytesMax + AHEAD_BYTES) {
      exceeded = true;
      throw new TooLarge();
    }
  }
}
