package org.concordat.rules.simulate;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/** Reads CSV records one at a time, so that one that is malformed costs only itself. */
public final class CsvRows implements Closeable {
  /** Characters of a record; a quote that is never closed would swallow the rest of the file. */
  static final int RECORD_CHARS_MAX = 1 << 16;

  private static final CSVFormat FORMAT = CSVFormat.RFC4180;

  private final String source;
  private final BufferedReader reader;
  private int line;

  /**
   * @param source what places name
   */
  public CsvRows(String source, BufferedReader reader) {
    this.source = source;
    this.reader = reader;
  }

  /** One record: its cells, or why it can't be read. */
  public record Row(Place place, List<String> cells, @Nullable Problem problem) {}

  /** The next record that isn't empty; nothing at the end. */
  public @Nullable Row next() throws IOException {
    String text = reader.readLine();
    line++;
    while (text != null && text.isEmpty()) {
      text = reader.readLine();
      line++;
    }
    if (text == null) {
      return null;
    }
    var place = new Place(source, line, 0);
    var record = new StringBuilder(text);
    while (hasOpenQuote(record)) {
      String more = reader.readLine();
      line++;
      if (more == null || record.length() + more.length() > RECORD_CHARS_MAX) {
        return new Row(place, List.of(), Problem.of(Code.CDT_304, place));
      }
      record.append('\n').append(more);
    }
    if (record.indexOf("\uFFFD") >= 0) {
      return new Row(place, List.of(), Problem.of(Code.CDT_301, place));
    }
    return parsed(record.toString(), place);
  }

  private static boolean hasOpenQuote(CharSequence text) {
    boolean open = false;
    for (int i = 0; i < text.length(); i++) {
      open ^= text.charAt(i) == '"';
    }
    return open;
  }

  private static Row parsed(String text, Place place) throws IOException {
    if (text.indexOf('"') < 0) {
      return new Row(place, List.of(text.split(",", -1)), null);
    }
    try (CSVParser parser = CSVParser.parse(text, FORMAT)) {
      List<String> cells = new ArrayList<>();
      for (CSVRecord record : parser) {
        record.forEach(cells::add);
      }
      return new Row(place, cells, null);
    } catch (UncheckedIOException | IllegalStateException e) {
      return new Row(place, List.of(), Problem.of(Code.CDT_302, place));
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
