package org.concordat.agent.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.concordat.agent.store.DeadLetter;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Transactions as JSON objects in UTF-8 whose keys are a mapping's columns. A number is taken as it
 * is written, true and false as 1 and 0, null and a missing key as an empty cell.
 */
public final class JsonCells implements MessageFormat {
  /** What becomes of keys that are no columns. */
  public enum Others {
    /** The object is refused: whoever sends it was told the keys. */
    REFUSED,
    /**
     * They are skipped: the object was made for others as well. A column may then stand in an
     * object within the object, its name written with a dot between the keys.
     */
    SKIPPED
  }

  /** Objects and arrays in each other, at most. */
  static final int DEPTH_MAX = 16;

  private static final int NAME_CHARS_MAX = 256;
  private static final int NUMBER_CHARS_MAX = 128;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  // Detection would take bytes for UTF-16 or UTF-32, and a parser of those knows no byte's place.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNameLength(NAME_CHARS_MAX)
                  .maxNumberLength(NUMBER_CHARS_MAX)
                  .maxStringLength(DeadLetter.RAW_BYTES_MAX)
                  .build())
          .build();

  private final List<String> columns;
  private final Others others;
  private final Map<String, Integer> indexes = new HashMap<>();

  /** Objects in which columns stand. */
  private final Set<String> parents = new HashSet<>();

  public JsonCells(List<String> columns, Others others) {
    this.columns = List.copyOf(columns);
    this.others = others;
    for (String column : columns) {
      indexes.put(column, indexes.size());
      for (int dot = column.indexOf('.'); dot >= 0; dot = column.indexOf('.', dot + 1)) {
        parents.add(column.substring(0, dot));
      }
    }
  }

  /** A parser with this format's limits; it takes no byte order mark. */
  public static JsonParser parser(byte[] body) throws IOException {
    return FACTORY.createParser(body);
  }

  /** A body without the byte order mark that may stand before it. */
  public static byte[] unmarked(byte[] body) {
    int length = BYTE_ORDER_MARK.length;
    boolean marked =
        body.length >= length && Arrays.equals(body, 0, length, BYTE_ORDER_MARK, 0, length);
    return marked ? Arrays.copyOfRange(body, length, body.length) : body;
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  /** The record of a body that is one object and nothing else. */
  @Override
  public SourceRecord read(byte[] body, Place place) {
    String[] cells = blank();
    Problem refusal;
    try (JsonParser parser = parser(unmarked(body))) {
      parser.nextToken();
      refusal = read(parser, cells, place);
      if (parser.nextToken() != null) {
        refusal = Problem.of(Code.CDT_323, place);
      }
    } catch (IOException e) {
      refusal = new Problem(Code.CDT_323, place, reason(e), Code.CDT_323.fix());
    }
    return new SourceRecord(
        place, body, refusal == null ? List.of(cells) : List.of(), refusal, null);
  }

  /** Cells that nothing was read into yet. */
  public String[] blank() {
    String[] cells = new String[columns.size()];
    Arrays.fill(cells, "");
    return cells;
  }

  /**
   * Reads the value at which the parser stands.
   *
   * @return why it isn't a record
   */
  public @Nullable Problem read(JsonParser parser, String[] cells, Place place) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return new Problem(Code.CDT_325, place, "A JSON object is expected.", Code.CDT_325.fix());
    }
    return members(parser, "", cells, place);
  }

  private @Nullable Problem members(JsonParser parser, String prefix, String[] cells, Place place)
      throws IOException {
    Problem refusal = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Problem problem = member(parser, prefix, cells, place);
      refusal = refusal == null ? problem : refusal;
    }
    return refusal;
  }

  /** Reads a name and its value. */
  private @Nullable Problem member(JsonParser parser, String prefix, String[] cells, Place place)
      throws IOException {
    String key = parser.currentName();
    String name = prefix.isEmpty() ? key : prefix + key;
    JsonToken token = parser.nextToken();
    Integer column = indexes.get(name);
    if (column == null) {
      return other(parser, token, name, cells, place);
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
            place,
            "[" + name + "] A text, a number, true, false or null is expected.",
            Code.CDT_325.fix());
      }
    }
    return null;
  }

  private @Nullable Problem other(
      JsonParser parser, JsonToken token, String name, String[] cells, Place place)
      throws IOException {
    if (others == Others.SKIPPED) {
      if (token == JsonToken.START_OBJECT && parents.contains(name)) {
        return members(parser, name + ".", cells, place);
      }
      parser.skipChildren();
      return null;
    }
    parser.skipChildren();
    String near = Problems.closest(name, columns);
    return new Problem(
        Code.CDT_324,
        place,
        Code.CDT_324.cause(),
        near.isEmpty() ? Code.CDT_324.fix() : "Did you mean '" + near + "'?");
  }

  /** Where, without the parser's own words: they quote the body. */
  public static String reason(IOException e) {
    if (e instanceof StreamConstraintsException) {
      return "A text, a number or a name is too long, or objects are nested too deeply.";
    }
    JsonLocation location =
        e instanceof JsonProcessingException parsed ? parsed.getLocation() : null;
    return location == null
        ? Code.CDT_323.cause()
        : "The JSON isn't well-formed at line %d, column %d."
            .formatted(location.getLineNr(), location.getColumnNr());
  }
}
