package org.concordat.agent.ingest;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.concordat.agent.store.SourcePosition;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * The records of a CSV file (RFC 4180, UTF-8, first record the header), one after another.
 *
 * <p>What is wrong with one record is told with its place and costs only that record: after a quote
 * that is never closed, reading goes on with the next physical line.
 */
public final class CsvSource implements Closeable {
  /** Longer records are refused. */
  public static final int RECORD_BYTES_MAX = 64 << 10;

  /** So many bytes before a position are known again after a restart. */
  private static final int TAIL_BYTES = 256;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();

  private final String name;

  /** Under this name the position is stored. */
  private final String positionName;

  private final LineFile file;
  private final RecordText text;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private List<String> header = List.of();
  private Iterator<CSVRecord> records;
  private long lastEndBytes;
  private boolean waited;

  private Function<byte[], String> tailId =
      tail -> {
        throw new IllegalStateException("Only a resumed source has positions.");
      };

  private CsvSource(String name, String positionName, LineFile file) throws IOException {
    this.name = name;
    this.positionName = positionName;
    this.file = file;
    this.text = new RecordText(file, RECORD_BYTES_MAX);
    byte[] start = file.peek(0, BYTE_ORDER_MARK.length);
    file.seek(Arrays.equals(start, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0, 0);
    this.records = parse(text);
  }

  /**
   * Opens a file and reads its header.
   *
   * @param follow wait for more at the end, like {@code tail -f}
   * @param stopping asked while waiting
   * @throws InvalidInputException the file can't be read or has no header
   */
  public static CsvSource open(Path path, boolean follow, BooleanSupplier stopping) {
    Place place = Place.of(path.getFileName().toString());
    try {
      var file = new LineFile(path, follow, RECORD_BYTES_MAX, stopping);
      var source = new CsvSource(place.source(), path.toString(), file);
      SourceRecord first = source.next();
      if (first == null || first.refusal() != null) {
        file.close();
        throw new InvalidInputException(
            first == null || first.refusal() == null
                ? List.of(Problem.of(Code.CDT_305, place))
                : List.of(first.refusal()));
      }
      source.header = first.cells();
      return source;
    } catch (IOException e) {
      throw new InvalidInputException(List.of(Problem.of(Code.CDT_101, Place.of(path.toString()))));
    }
  }

  private static Iterator<CSVRecord> parse(RecordText text) throws IOException {
    return CSVParser.builder().setReader(text).setFormat(FORMAT).get().iterator();
  }

  public List<String> header() {
    return header;
  }

  /** The name under which {@link SourceRecord#bookmark} stores how far the file was read. */
  public String positionName() {
    return positionName;
  }

  /** The place in the file behind the last record. */
  public long endBytes() {
    return lastEndBytes;
  }

  /** Whether the last record had to be waited for: the file had ended before it. */
  public boolean waited() {
    return waited;
  }

  private SourcePosition position(long endBytes, long lines) {
    int tailBytes = (int) Math.min(TAIL_BYTES, endBytes);
    try {
      byte[] tail = file.peek(endBytes - tailBytes, tailBytes);
      return new SourcePosition(endBytes, lines, tailBytes, tailId.apply(tail));
    } catch (IOException e) {
      throw new SourceFailedException(e);
    }
  }

  /**
   * Goes on where an earlier run stopped.
   *
   * @param tailId keyed hash by which the source is known again; also asked from other threads
   * @throws InvalidInputException the file is another than the one that was read
   */
  public void resume(SourcePosition position, Function<byte[], String> tailId) {
    this.tailId = tailId;
    lastEndBytes = position.offsetBytes();
    if (position.equals(SourcePosition.START)) {
      return;
    }
    try {
      byte[] tail = file.peek(position.offsetBytes() - position.tailBytes(), position.tailBytes());
      if (!tailId.apply(tail).equals(position.tailId())) {
        throw new InvalidInputException(List.of(Problem.of(Code.CDT_306, Place.of(name))));
      }
      file.seek(position.offsetBytes(), position.lines());
      text.begin();
      records = parse(text);
    } catch (IOException e) {
      throw new SourceFailedException(e);
    }
  }

  /** The next record; null at the end, or when the agent stops. */
  public @Nullable SourceRecord next() {
    text.begin();
    try {
      return records.hasNext() ? record(records.next()) : null;
    } catch (UncheckedIOException e) {
      return malformed(e.getCause() instanceof RecordText.TooLong);
    } finally {
      waited = file.takeWaited();
    }
  }

  private SourceRecord record(CSVRecord parsed) {
    var cells = new ArrayList<String>(parsed.size());
    for (int i = 0; i < parsed.size(); i++) {
      String cell = decode(parsed.get(i));
      if (cell == null) {
        return refused(Code.CDT_301, Code.CDT_301.cause() + " Column " + (i + 1) + ".");
      }
      cells.add(cell);
    }
    if (!header.isEmpty() && cells.size() != header.size()) {
      return refused(
          Code.CDT_303,
          "The row has " + cells.size() + " columns, the header " + header.size() + ".");
    }
    return result(cells, null);
  }

  private @Nullable String decode(String bytesAsChars) {
    int i = 0;
    while (i < bytesAsChars.length() && bytesAsChars.charAt(i) < 0x80) {
      i++;
    }
    if (i == bytesAsChars.length()) {
      return bytesAsChars;
    }
    try {
      byte[] bytes = bytesAsChars.getBytes(StandardCharsets.ISO_8859_1);
      return utf8.decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Refuses the first physical line of what the parser choked on, and goes on with the next. */
  private @Nullable SourceRecord malformed(boolean tooLong) {
    List<Line> lines = text.lines();
    int first = 0;
    while (first < lines.size() - 1 && lines.get(first).blank()) {
      first++;
    }
    text.keepAfter(first + 1);
    try {
      records = parse(text);
    } catch (IOException e) {
      throw new SourceFailedException(e);
    }
    if (file.stopped()) {
      // The record wasn't complete when the agent stopped: it will be read again.
      return null;
    }
    return tooLong
        ? refused(Code.CDT_304, "The row is longer than " + RECORD_BYTES_MAX + " bytes.")
        : refused(Code.CDT_302, Code.CDT_302.cause());
  }

  private SourceRecord refused(Code code, String reason) {
    return result(List.of(), new Problem(code, place(), reason, code.fix()));
  }

  private Place place() {
    List<Line> lines = text.lines();
    Line first = lines.stream().filter(line -> !line.blank()).findFirst().orElse(lines.getFirst());
    return new Place(name, Math.toIntExact(first.number()), 0);
  }

  private SourceRecord result(List<String> cells, @Nullable Problem refusal) {
    List<Line> lines = text.lines();
    int bytes = lines.stream().mapToInt(line -> line.bytes().length).sum();
    var raw = ByteBuffer.allocate(bytes);
    lines.forEach(line -> raw.put(line.bytes()));
    Line last = lines.getLast();
    long endBytes = last.endBytes();
    long number = last.number();
    lastEndBytes = endBytes;
    var bookmark =
        new Bookmark(positionName, group -> group.source(positionName, position(endBytes, number)));
    return new SourceRecord(place(), raw.array(), cells, refusal, bookmark);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
