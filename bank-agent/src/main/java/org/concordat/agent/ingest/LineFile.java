package org.concordat.agent.ingest;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.jspecify.annotations.Nullable;

/**
 * The physical lines of a file, ended by LF, CRLF or a lone CR. A followed file gives complete
 * lines only, and waits for more.
 */
final class LineFile implements Closeable {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final long FOLLOW_WAIT_MILLIS = 50;

  /** A file that gives nothing for so long is looked for by its name, and so often. */
  static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Path file;
  private final boolean follow;
  private final BooleanSupplier stopping;
  private final int lineBytesMax;
  private final FileChannel channel;

  /** By which the file is told from another of its name; null where the system has none. */
  private final @Nullable Object key;

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int start;
  private int limit;

  /** Offset in the file of the buffer's first byte. */
  private long bufferOffset;

  private long lines;
  private boolean waited;

  LineFile(Path file, boolean follow, int lineBytesMax, BooleanSupplier stopping)
      throws IOException {
    this.file = file;
    this.follow = follow;
    this.stopping = stopping;
    this.lineBytesMax = lineBytesMax;
    // Before it is opened: what takes its place in between is noticed rather than missed.
    this.key = key(file);
    this.channel = FileChannel.open(file, StandardOpenOption.READ);
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Goes to a place where a line begins. */
  void seek(long offsetBytes, long linesBefore) {
    bufferOffset = offsetBytes;
    start = 0;
    limit = 0;
    lines = linesBefore;
  }

  /** Whether the end was reported only because the agent stops. */
  boolean stopped() {
    return follow && stopping.getAsBoolean();
  }

  /** Whether the end was waited at since this was last asked. */
  boolean takeWaited() {
    boolean taken = waited;
    waited = false;
    return taken;
  }

  /** Reads bytes at a place, fewer where the file ends. */
  byte[] peek(long offsetBytes, int lengthBytes) throws IOException {
    var bytes = ByteBuffer.allocate(lengthBytes);
    while (bytes.hasRemaining() && channel.read(bytes, offsetBytes + bytes.position()) > 0) {
      // reads on
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  /** The next line; null at the end, or when the agent stops. */
  @Nullable Line next() throws IOException {
    int scanned = start;
    while (true) {
      int end = lineEnd(scanned);
      if (end >= 0) {
        return take(end);
      }
      scanned = limit;
      if (limit - start > lineBytesMax) {
        return skipLong();
      }
      // A CR that was the last byte is looked at again with its follower.
      if (scanned > start && buffer[scanned - 1] == '\r') {
        scanned--;
      }
      int moved = start;
      if (!fill()) {
        return start == limit || follow ? null : take(limit);
      }
      scanned -= moved;
    }
  }

  /** Index after the first line end at or after an index, or -1. */
  private int lineEnd(int from) {
    for (int i = from; i < limit; i++) {
      byte b = buffer[i];
      if (b == '\n') {
        return i + 1;
      }
      if (b == '\r' && i + 1 < limit) {
        return buffer[i + 1] == '\n' ? i + 2 : i + 1;
      }
    }
    return -1;
  }

  private Line take(int end) {
    byte[] bytes = Arrays.copyOfRange(buffer, start, Math.min(end, start + lineBytesMax));
    var line = new Line(bufferOffset + start, ++lines, bytes, end - start);
    start = end;
    return line;
  }

  /** Takes the beginning of a line that is too long, and goes to its end. */
  private Line skipLong() throws IOException {
    long offsetBytes = bufferOffset + start;
    byte[] bytes = Arrays.copyOfRange(buffer, start, start + lineBytesMax);
    int end = -1;
    while (end < 0) {
      start = limit;
      if (!fill()) {
        end = limit;
      } else {
        end = lineEnd(start);
        if (end < 0 && buffer[limit - 1] == '\r') {
          end = limit;
        }
      }
    }
    start = end;
    return new Line(offsetBytes, ++lines, bytes, bufferOffset + end - offsetBytes);
  }

  /** Moves the rest to the front and reads on; false at the end, or when the agent stops. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, start, buffer, 0, limit - start);
    bufferOffset += start;
    limit -= start;
    start = 0;
    long lookNanos = System.nanoTime() + LOOK_NANOS;
    while (true) {
      // Looked for before the end is read once more: what was written until then is taken.
      boolean isDue = System.nanoTime() - lookNanos >= 0;
      boolean isReplaced = isDue && isReplaced();
      int read =
          channel.read(ByteBuffer.wrap(buffer, limit, buffer.length - limit), bufferOffset + limit);
      if (read > 0) {
        limit += read;
        return true;
      }
      if (!follow || stopping.getAsBoolean()) {
        return false;
      }
      if (channel.size() < bufferOffset + limit) {
        throw another(Code.CDT_306.cause());
      }
      if (isReplaced) {
        throw another("Another file has taken its name; line " + lines + " was the last one read.");
      }
      if (isDue) {
        lookNanos = System.nanoTime() + LOOK_NANOS;
      }
      waited = true;
      try {
        Thread.sleep(FOLLOW_WAIT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /** A file that was renamed is still read, and says nothing of the one that took its place. */
  private boolean isReplaced() {
    Object now;
    try {
      now = key(file);
    } catch (IOException e) {
      // There is none of its name now: nothing that would have to be read instead.
      return false;
    }
    return key != null && now != null && !key.equals(now);
  }

  private InvalidInputException another(String reason) {
    return new InvalidInputException(
        Code.CDT_306, Place.of(file.toString()), reason, Code.CDT_306.fix());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
