package org.concordat.agent.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.concordat.agent.api.ApiProblem;
import org.concordat.agent.ingest.JsonCells;
import org.concordat.agent.ingest.SourceRecord;
import org.concordat.agent.store.DeadLetter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;

/**
 * The bodies of requests as {@link JsonCells}: one object, an array, or one a line.
 *
 * <p>An object that isn't a flat one with known keys is refused alone; what isn't JSON is refused
 * as a whole, where the records can't be told apart.
 */
final class JsonRows {
  /** Transactions of one request. */
  static final int ROWS_MAX = 10_000;

  private final String source;
  private final JsonCells format;

  /**
   * @param source names the records' places
   */
  JsonRows(String source, List<String> columns) {
    this.source = source;
    this.format = new JsonCells(columns, JsonCells.Others.REFUSED);
  }

  /** One object. */
  List<SourceRecord> single(byte[] body) {
    try (JsonParser parser = JsonCells.parser(JsonCells.unmarked(body))) {
      if (parser.nextToken() == null) {
        throw unexpected("The body is empty.");
      }
      SourceRecord record = row(parser, body, 0, body.length, 0);
      requireEnd(parser);
      return mutable(record);
    } catch (IOException e) {
      throw malformed("", e);
    }
  }

  /** An array of objects. */
  List<SourceRecord> array(byte[] body) {
    var records = new ArrayList<SourceRecord>();
    byte[] json = JsonCells.unmarked(body);
    try (JsonParser parser = JsonCells.parser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw unexpected("A JSON array of objects is expected.");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        records.add(row(parser, json, start, -1, records.size()));
        requireRoom(records.size());
      }
      requireEnd(parser);
    } catch (IOException e) {
      throw malformed("/" + records.size(), e);
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
    try (JsonParser parser = JsonCells.parser(JsonCells.unmarked(line))) {
      parser.nextToken();
      SourceRecord record = row(parser, line, 0, line.length, index);
      requireEnd(parser);
      return record;
    } catch (IOException e) {
      var problem =
          new Problem(Code.CDT_323, place(index), JsonCells.reason(e), Code.CDT_323.fix());
      return new SourceRecord(place(index), line, List.of(), problem, null);
    } catch (ApiProblem e) {
      var problem = Problem.of(Code.CDT_323, place(index));
      return new SourceRecord(place(index), line, List.of(), problem, null);
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
    String[] cells = format.blank();
    Problem refusal = format.read(parser, cells, place(index));
    int last = end < 0 ? (int) parser.currentLocation().getByteOffset() : end;
    byte[] raw = Arrays.copyOfRange(body, start, last);
    if (raw.length > DeadLetter.RAW_BYTES_MAX) {
      String reason = "The row is longer than " + DeadLetter.RAW_BYTES_MAX + " bytes.";
      refusal = new Problem(Code.CDT_304, place(index), reason, Code.CDT_304.fix());
    }
    return new SourceRecord(
        place(index), raw, refusal == null ? List.of(cells) : List.of(), refusal, null);
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

  private static ApiProblem malformed(String pointer, IOException e) {
    var error =
        new ApiProblem.Error(pointer, Code.CDT_323, JsonCells.reason(e), Code.CDT_323.fix());
    return ApiProblem.of(400, Code.CDT_367, List.of(error));
  }
}
