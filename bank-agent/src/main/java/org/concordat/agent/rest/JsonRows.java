package org.concordat.agent.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.DeadLetter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Transactions as JSON objects whose keys are a mapping's columns. A number is taken as it is
 * written, true and false as 1 and 0, null and a missing key as an empty cell.
 *
 * <p>An object that isn't a flat one with known keys is refused alone; what isn't JSON is refused
 * as a whole, where the records can't be told apart.
 */
final class JsonRows {
  /** Transactions of one request. */
  static final int ROWS_MAX = 10_000;

  private static final int DEPTH_MAX = 16;
  private static final int NAME_CHARS_MAX = 256;
  private static final int NUMBER_CHARS_MAX = 128;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNameLength(NAME_CHARS_MAX)
                  .maxNumberLength(NUMBER_CHARS_MAX)
                  .maxStringLength(DeadLetter.RAW_BYTES_MAX)
                  .build())
          .build();

  private final String source;
  private final List<String> columns;
  private final Map<String, Integer> indexes = new HashMap<>();

  /**
   * @param source names the records' places
   */
  JsonRows(String source, List<String> columns) {
    this.source = source;
    this.columns = List.copyOf(columns);
    for (String column : columns) {
      indexes.put(column, indexes.size());
    }
  }

  /** One object. */
  List<SourceRecord> single(byte[] body) {
    try (JsonParser parser = FACTORY.createParser(body)) {
      if (parser.nextToken() == null) {
        throw unexpected("The body is empty.");
      }
      SourceRecord record = row(parser, body, 0, body.length, 0);
      requireEnd(parser);
      return mutable(record);
    } catch (JsonProcessingException e) {
      throw malformed("", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An array of objects. */
  List<SourceRecord> array(byte[] body) {
    var records = new ArrayList<SourceRecord>();
    try (JsonParser parser = FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw unexpected("A JSON array of objects is expected.");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        records.add(row(parser, body, start, -1, records.size()));
        requireRoom(records.size());
      }
      requireEnd(parser);
    } catch (JsonProcessingException e) {
      throw malformed("/" + records.size(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return requireSome(records);
  }

  /** An object on each line; a line that isn't JSON is refused alone. */
  List<SourceRecord> lines(byte[] body) {
    var records = new ArrayList<SourceRecord>();
    int start = 0;
    while (start < body.length) {
      int end = start;
      while (end < body.length && body[end] != '\n') {
        end++;
      }
      if (!blank(body, start, end)) {
        records.add(line(Arrays.copyOfRange(body, start, end), records.size()));
        requireRoom(records.size());
      }
      start = end + 1;
    }
    return requireSome(records);
  }

  private SourceRecord line(byte[] line, int index) {
    try (JsonParser parser = FACTORY.createParser(line)) {
      parser.nextToken();
      SourceRecord record = row(parser, line, 0, line.length, index);
      requireEnd(parser);
      return record;
    } catch (JsonProcessingException e) {
      var problem = new Problem(Code.CDT_323, place(index), reason(e), Code.CDT_323.fix());
      return new SourceRecord(place(index), line, List.of(), problem, null);
    } catch (ApiProblem e) {
      var problem = Problem.of(Code.CDT_323, place(index));
      return new SourceRecord(place(index), line, List.of(), problem, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean blank(byte[] body, int start, int end) {
    for (int i = start; i < end; i++) {
      if (body[i] != ' ' && body[i] != '\t' && body[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  private Place place(int index) {
    return new Place(source, index + 1, 0);
  }

  /**
   * Reads the value at which the parser stands.
   *
   * @param end after the value's last byte; -1 where that is known only when it has been read
   */
  private SourceRecord row(JsonParser parser, byte[] body, int start, int end, int index)
      throws IOException {
    String[] cells = new String[columns.size()];
    Arrays.fill(cells, "");
    Problem refusal = null;
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      refusal =
          new Problem(Code.CDT_325, place(index), "A JSON object is expected.", Code.CDT_325.fix());
      parser.skipChildren();
    } else {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        Problem problem = cell(parser, cells, index);
        refusal = refusal == null ? problem : refusal;
      }
    }
    int last = end < 0 ? (int) parser.currentLocation().getByteOffset() : end;
    byte[] raw = Arrays.copyOfRange(body, start, last);
    if (raw.length > DeadLetter.RAW_BYTES_MAX) {
      String reason = "The row is longer than " + DeadLetter.RAW_BYTES_MAX + " bytes.";
      refusal = new Problem(Code.CDT_304, place(index), reason, Code.CDT_304.fix());
    }
    return new SourceRecord(
        place(index), raw, refusal == null ? List.of(cells) : List.of(), refusal, null);
  }

  /** Reads a name and its value. */
  private @Nullable Problem cell(JsonParser parser, String[] cells, int index) throws IOException {
    String name = parser.currentName();
    JsonToken token = parser.nextToken();
    Integer column = indexes.get(name);
    if (column == null) {
      parser.skipChildren();
      String near = Problems.closest(name, columns);
      return new Problem(
          Code.CDT_324,
          place(index),
          Code.CDT_324.cause(),
          near.isEmpty() ? Code.CDT_324.fix() : "Did you mean '" + near + "'?");
    }
    switch (token) {
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> cells[column] = parser.getText();
      case VALUE_TRUE -> cells[column] = "1";
      case VALUE_FALSE -> cells[column] = "0";
      case VALUE_NULL -> cells[column] = "";
      default -> {
        parser.skipChildren();
        return new Problem(
            Code.CDT_325,
            place(index),
            "[" + name + "] A text, a number, true, false or null is expected.",
            Code.CDT_325.fix());
      }
    }
    return null;
  }

  private static void requireEnd(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw unexpected("Something follows the JSON value.");
    }
  }

  private static void requireRoom(int records) {
    if (records > ROWS_MAX) {
      throw ApiProblem.of(
          413,
          Code.CDT_366,
          "The request has more than " + ROWS_MAX + " transactions.",
          Code.CDT_366.fix());
    }
  }

  private static List<SourceRecord> requireSome(List<SourceRecord> records) {
    if (records.isEmpty()) {
      throw unexpected("The request has no transaction.");
    }
    return records;
  }

  private static List<SourceRecord> mutable(SourceRecord record) {
    return new ArrayList<>(List.of(record));
  }

  private static ApiProblem unexpected(String detail) {
    return ApiProblem.of(400, Code.CDT_367, detail, Code.CDT_367.fix());
  }

  private static ApiProblem malformed(String pointer, JsonProcessingException e) {
    var error = new ApiProblem.Error(pointer, Code.CDT_323, reason(e), Code.CDT_323.fix());
    return ApiProblem.of(400, Code.CDT_367, List.of(error));
  }

  /** Where, without the parser's own words: they quote the body. */
  private static String reason(JsonProcessingException e) {
    if (e instanceof StreamConstraintsException) {
      return "A text, a number or a name is too long, or objects are nested too deeply.";
    }
    JsonLocation location = e.getLocation();
    return location == null
        ? Code.CDT_323.cause()
        : "The JSON isn't well-formed at line %d, column %d."
            .formatted(location.getLineNr(), location.getColumnNr());
  }
}
