package org.concordat.agent.ingest;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a CSV parser one physical line at a time, each byte as one character, and remembers the
 * lines of the record at hand.
 *
 * <p>A parser that is given a line asks for the next one only if the record goes on. So whenever it
 * has finished a record, the lines given are exactly that record's: its raw bytes and its end are
 * known without knowing the parser. Bytes stay bytes (ISO 8859-1) until a cell is decoded, so that
 * broken UTF-8 spoils its own record only.
 */
final class RecordText extends Reader {
  /** The record at hand is longer than allowed. */
  static final class TooLong extends IOException {}

  private final LineFile file;
  private final int recordBytesMax;
  private final ArrayDeque<Line> ahead = new ArrayDeque<>();
  private final List<Line> record = new ArrayList<>();
  private long recordBytes;
  private byte[] current = new byte[0];
  private int index;

  RecordText(LineFile file, int recordBytesMax) {
    this.file = file;
    this.recordBytesMax = recordBytesMax;
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    if (index == current.length && !nextLine()) {
      return -1;
    }
    int count = Math.min(length, current.length - index);
    for (int i = 0; i < count; i++) {
      target[offset + i] = (char) (current[index++] & 0xFF);
    }
    if (count > 0 && index == current.length && current[index - 1] == '\r') {
      // A lone CR ends a line too; as LF the parser needn't look at what follows.
      target[offset + count - 1] = '\n';
    }
    return count;
  }

  private boolean nextLine() throws IOException {
    Line line = ahead.isEmpty() ? fileLine() : ahead.poll();
    if (line == null) {
      return false;
    }
    record.add(line);
    recordBytes += line.lengthBytes();
    if (line.tooLong() || recordBytes > recordBytesMax) {
      throw new TooLong();
    }
    current = line.bytes();
    index = 0;
    return true;
  }

  private @Nullable Line fileLine() {
    try {
      return file.next();
    } catch (IOException e) {
      // Not an IOException: the parser would report that as the record's fault.
      throw new SourceFailedException(e);
    }
  }

  /** The lines given since the last {@link #begin}. */
  List<Line> lines() {
    return List.copyOf(record);
  }

  /** A new record begins. */
  void begin() {
    record.clear();
    recordBytes = 0;
  }

  /** Gives up the first of the record's lines alone; the others will be given again. */
  void keepAfter(int lines) {
    for (int i = record.size() - 1; i >= lines; i--) {
      ahead.push(record.get(i));
    }
    record.subList(lines, record.size()).clear();
    current = new byte[0];
    index = 0;
  }

  @Override
  public void close() {}
}
