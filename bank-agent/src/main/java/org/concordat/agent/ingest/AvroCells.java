package org.concordat.agent.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Transactions as plain Avro bodies of one schema. Its columns are the fields, those of a record
 * within the record with a dot between the names; arrays, maps and bytes that are no decimals are
 * skipped.
 *
 * <p>Lengths are checked against the body before anything is allocated: Avro's own readers believe
 * them.
 */
public final class AvroCells implements MessageFormat {
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final String OTHER_HEADER = "The body doesn't begin with the schema id %d.";

  /** What is done with a value of a part of the schema. */
  private sealed interface Part {
    /** Fields, one after another. */
    record Fields(List<Part> parts) implements Part {}

    /** One of several. */
    record Union(List<Part> parts) implements Part {}

    /** A cell. */
    record Cell(int column, Schema schema) implements Part {}

    /** An array, or a map; nothing in it is a cell. */
    record Items(Part item, boolean keyed) implements Part {}

    /** No cell. */
    record Skipped(Schema schema) implements Part {}
  }

  private final Map<String, Integer> indexes = new LinkedHashMap<>();
  private final Part root;
  private final OptionalInt schemaId;

  /**
   * @param schema a record that {@link AvroSchemaFile} has found fit
   * @param schemaId by which Confluent's header names the schema; nothing where bodies have none
   */
  public AvroCells(Schema schema, OptionalInt schemaId) {
    this.root = part(schema, "");
    this.schemaId = schemaId;
  }

  /**
   * @param path of names with dots between; null where nothing is a cell
   */
  private Part part(Schema schema, @Nullable String path) {
    return switch (schema.getType()) {
      case RECORD ->
          new Part.Fields(
              schema.getFields().stream()
                  .map(field -> part(field.schema(), path(path, field.name())))
                  .toList());
      case UNION ->
          new Part.Union(schema.getTypes().stream().map(type -> part(type, path)).toList());
      case ARRAY -> new Part.Items(part(schema.getElementType(), null), false);
      case MAP -> new Part.Items(part(schema.getValueType(), null), true);
      case NULL -> new Part.Skipped(schema);
      case BYTES, FIXED ->
          AvroText.isDecimal(schema) ? cell(schema, path) : new Part.Skipped(schema);
      case STRING, ENUM, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> cell(schema, path);
    };
  }

  private static @Nullable String path(@Nullable String path, String name) {
    if (path == null) {
      return null;
    }
    return path.isEmpty() ? name : path + "." + name;
  }

  private Part cell(Schema schema, @Nullable String path) {
    if (path == null) {
      return new Part.Skipped(schema);
    }
    int next = indexes.size();
    return new Part.Cell(indexes.computeIfAbsent(path, added -> next), schema);
  }

  @Override
  public List<String> columns() {
    return List.copyOf(indexes.keySet());
  }

  @Override
  public SourceRecord read(byte[] body, Place place) {
    int start = 0;
    if (schemaId.isPresent()) {
      if (body.length < HEADER_BYTES
          || body[0] != 0
          || ByteBuffer.wrap(body).getInt(1) != schemaId.getAsInt()) {
        return refused(body, place, OTHER_HEADER.formatted(schemaId.getAsInt()));
      }
      start = HEADER_BYTES;
    }
    String[] cells = new String[indexes.size()];
    Arrays.fill(cells, "");
    BinaryDecoder in = DecoderFactory.get().binaryDecoder(body, start, body.length - start, null);
    try {
      read(root, in, cells, body.length);
      if (!in.isEnd()) {
        return refused(body, place, "Something follows the record.");
      }
    } catch (CharacterCodingException e) {
      return refused(body, place, "A text isn't valid UTF-8.");
    } catch (IOException
        | AvroRuntimeException
        | UnsupportedOperationException
        | IllegalArgumentException e) {
      return refused(body, place, Code.CDT_381.cause());
    }
    return new SourceRecord(place, body, List.of(cells), null, null);
  }

  private static SourceRecord refused(byte[] body, Place place, String reason) {
    var problem = new Problem(Code.CDT_381, place, reason, Code.CDT_381.fix());
    return new SourceRecord(place, body, List.of(), problem, null);
  }

  private static void read(Part part, BinaryDecoder in, String[] cells, int lengthMax)
      throws IOException {
    switch (part) {
      case Part.Fields fields -> {
        for (Part field : fields.parts()) {
          read(field, in, cells, lengthMax);
        }
      }
      case Part.Union union -> {
        int index = in.readIndex();
        if (index < 0 || index >= union.parts().size()) {
          throw new IllegalArgumentException("union");
        }
        read(union.parts().get(index), in, cells, lengthMax);
      }
      case Part.Cell cell -> cells[cell.column()] = text(cell.schema(), in, lengthMax);
      case Part.Items items -> {
        // Every item takes a byte at least, so the body bounds their number.
        long count = items.keyed() ? in.readMapStart() : in.readArrayStart();
        while (count != 0) {
          for (long i = 0; i < count; i++) {
            if (items.keyed()) {
              bytes(in, in.readLong(), lengthMax);
            }
            read(items.item(), in, cells, lengthMax);
          }
          count = items.keyed() ? in.mapNext() : in.arrayNext();
        }
      }
      case Part.Skipped skipped -> skip(skipped.schema(), in, lengthMax);
    }
  }

  private static void skip(Schema schema, BinaryDecoder in, int lengthMax) throws IOException {
    switch (schema.getType()) {
      case NULL -> {}
      case BYTES, STRING -> bytes(in, in.readLong(), lengthMax);
      case FIXED -> bytes(in, schema.getFixedSize(), lengthMax);
      case RECORD, UNION, ARRAY, MAP, ENUM, INT, LONG, FLOAT, DOUBLE, BOOLEAN ->
          text(schema, in, lengthMax);
    }
  }

  private static String text(Schema schema, BinaryDecoder in, int lengthMax) throws IOException {
    return switch (schema.getType()) {
      case STRING ->
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes(in, in.readLong(), lengthMax)))
              .toString();
      case ENUM -> symbol(schema, in.readEnum());
      case INT -> Integer.toString(in.readInt());
      case LONG -> AvroText.number(schema, in.readLong());
      case FLOAT -> AvroText.plain(Float.toString(in.readFloat()));
      case DOUBLE -> AvroText.plain(Double.toString(in.readDouble()));
      case BOOLEAN -> in.readBoolean() ? "1" : "0";
      case BYTES -> AvroText.decimal(schema, bytes(in, in.readLong(), lengthMax));
      case FIXED -> AvroText.decimal(schema, bytes(in, schema.getFixedSize(), lengthMax));
      case RECORD, UNION, NULL, ARRAY, MAP -> throw new IllegalStateException("no cell");
    };
  }

  private static String symbol(Schema schema, int index) {
    if (index < 0 || index >= schema.getEnumSymbols().size()) {
      throw new IllegalArgumentException("symbol");
    }
    return schema.getEnumSymbols().get(index);
  }

  private static byte[] bytes(BinaryDecoder in, long length, int lengthMax) throws IOException {
    if (length < 0 || length > lengthMax) {
      throw new IllegalArgumentException("length");
    }
    byte[] bytes = new byte[(int) length];
    in.readFixed(bytes);
    return bytes;
  }
}
