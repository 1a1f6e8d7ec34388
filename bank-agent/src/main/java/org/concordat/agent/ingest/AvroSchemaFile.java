package org.concordat.agent.ingest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * A schema of the bank's own, checked so that no body can take more memory, stack or time than its
 * length allows: records aren't nested in themselves, and every item of a list takes a byte.
 */
public final class AvroSchemaFile {
  static final int FILE_BYTES_MAX = 1 << 20;

  /** Records, unions, arrays and maps in each other, at most. */
  static final int DEPTH_MAX = 32;

  /** What a schema written out comes to: a record that is used twice counts twice. */
  static final int PARTS_MAX = 4_096;

  private final Place place;
  private final Problems problems;
  private int parts;

  private AvroSchemaFile(Place place, Problems problems) {
    this.place = place;
    this.problems = problems;
  }

  /** Reads a file; nothing, and a problem, if it can't be used. */
  public static Optional<Schema> read(Path path, Problems problems) {
    Place place = Place.of(path.toString());
    Schema schema;
    try {
      if (Files.size(path) > FILE_BYTES_MAX) {
        add(problems, place, "The file is longer than " + FILE_BYTES_MAX + " bytes.");
        return Optional.empty();
      }
      schema = new Schema.Parser().parse(Files.readString(path, StandardCharsets.UTF_8));
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, place));
      return Optional.empty();
    } catch (AvroRuntimeException e) {
      add(problems, place, "The file isn't an Avro schema in JSON.");
      return Optional.empty();
    }
    if (schema.getType() != Schema.Type.RECORD) {
      add(problems, place, "The schema isn't that of a record.");
      return Optional.empty();
    }
    return new AvroSchemaFile(place, problems).isBounded(schema, 1)
        ? Optional.of(schema)
        : Optional.empty();
  }

  private static void add(Problems problems, Place place, String reason) {
    problems.add(Code.CDT_387, place, reason, Code.CDT_387.fix());
  }

  private boolean refuse(String reason) {
    add(problems, place, reason);
    return false;
  }

  private boolean isBounded(Schema schema, int depth) {
    if (depth > DEPTH_MAX) {
      return refuse("Types are nested more than " + DEPTH_MAX + " deep, or in themselves.");
    }
    if (++parts > PARTS_MAX) {
      return refuse("The schema has more than " + PARTS_MAX + " parts.");
    }
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal
        && Math.max(decimal.getPrecision(), decimal.getScale()) > AvroText.DIGITS_MAX) {
      return refuse("A decimal has more than " + AvroText.DIGITS_MAX + " digits.");
    }
    return switch (schema.getType()) {
      case RECORD ->
          schema.getFields().stream().allMatch(field -> isBounded(field.schema(), depth + 1));
      case UNION -> schema.getTypes().stream().allMatch(type -> isBounded(type, depth + 1));
      case ARRAY -> isBounded(schema.getElementType(), depth + 1) && takesBytes(schema);
      case MAP -> isBounded(schema.getValueType(), depth + 1);
      case NULL, BYTES, FIXED, STRING, ENUM, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> true;
    };
  }

  private boolean takesBytes(Schema array) {
    return !isEmpty(array.getElementType()) || refuse("An array's items take no bytes.");
  }

  /** Whether a value is written as nothing at all. */
  private static boolean isEmpty(Schema schema) {
    return switch (schema.getType()) {
      case NULL -> true;
      case FIXED -> schema.getFixedSize() == 0;
      case RECORD ->
          schema.getFields().stream().map(Schema.Field::schema).allMatch(AvroSchemaFile::isEmpty);
      case UNION, ARRAY, MAP, BYTES, STRING, ENUM, INT, LONG, FLOAT, DOUBLE, BOOLEAN -> false;
    };
  }
}
