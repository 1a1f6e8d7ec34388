package org.concordat.agent.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.EncoderFactory;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AvroCellsTest {
  private static final String SCHEMA =
      """
      {"type": "record", "name": "Payment", "fields": [
        {"name": "id", "type": "string"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "more", "type": {"type": "map", "values": ["null", "double"]}},
        {"name": "money", "type": {"type": "record", "name": "Money", "fields": [
          {"name": "value", "type":
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
          {"name": "currency", "type": {"type": "enum", "name": "C", "symbols": ["EUR", "SEK"]}}]}},
        {"name": "raw", "type": "bytes"},
        {"name": "score", "type": ["null", "double"], "default": null},
        {"name": "known", "type": ["boolean", "null"]},
        {"name": "count", "type": "int"},
        {"name": "ratio", "type": "float"}]}
      """;

  @TempDir Path folder;

  private Schema schema(String text) throws IOException {
    var problems = new Problems();
    Path file = Files.writeString(folder.resolve("payment.avsc"), text);
    Schema schema = AvroSchemaFile.read(file, problems).orElse(null);
    problems.throwIfAny();
    return Objects.requireNonNull(schema);
  }

  private Problem schemaProblem(String text) throws IOException {
    var problems = new Problems();
    Path file = Files.writeString(folder.resolve("payment.avsc"), text);
    assertThat(AvroSchemaFile.read(file, problems)).isEmpty();
    return problems.list().getFirst();
  }

  private static GenericRecord payment(Schema schema) {
    Schema money = schema.getField("money").schema();
    ByteBuffer value =
        new Conversions.DecimalConversion()
            .toBytes(
                new BigDecimal("-9800.05"),
                money.getField("value").schema(),
                LogicalTypes.decimal(12, 2));
    return new GenericRecordBuilder(schema)
        .set("id", "P-\u00e9")
        .set("at", 1_772_421_165_000_001L)
        .set("tags", List.of("a", "b"))
        .set("more", Map.of("x", 1.5))
        .set(
            "money",
            new GenericRecordBuilder(money)
                .set("value", value)
                .set(
                    "currency",
                    new GenericData.EnumSymbol(money.getField("currency").schema(), "SEK"))
                .build())
        .set("raw", ByteBuffer.wrap(new byte[] {1, 2}))
        .set("score", 1e9)
        .set("known", true)
        .set("count", -7)
        .set("ratio", 0.25f)
        .build();
  }

  private static byte[] body(GenericRecord record) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    return bytes.toByteArray();
  }

  private static SourceRecord read(AvroCells format, byte[] body) {
    return format.read(body, Place.of("topic/0@1"));
  }

  private static Code refusal(AvroCells format, byte[] body) {
    SourceRecord record = read(format, body);
    assertThat(record.cells()).isEmpty();
    return Objects.requireNonNull(record.refusal()).code();
  }

  @Test
  void readsEveryKindOfFieldAsACsvWouldWriteIt() throws IOException {
    Schema schema = schema(SCHEMA);
    var format = new AvroCells(schema, OptionalInt.empty());
    assertThat(format.columns())
        .containsExactly(
            "id", "at", "money.value", "money.currency", "score", "known", "count", "ratio");
    GenericRecord payment = payment(schema);
    assertThat(read(format, body(payment)).cells())
        .containsExactly(
            "P-\u00e9",
            "2026-03-02T03:12:45.000001Z",
            "-9800.05",
            "SEK",
            "1000000000",
            "1",
            "-7",
            "0.25");
    payment.put("score", null);
    payment.put("known", null);
    assertThat(read(format, body(payment)).cells().subList(4, 6)).containsExactly("", "");
    payment.put("score", Double.NaN);
    assertThat(read(format, body(payment)).cells().get(4)).isEqualTo("NaN");
  }

  @Test
  void skipsAHeaderOnlyWhereItsSchemaIsNamed() throws IOException {
    Schema schema = schema(SCHEMA);
    byte[] body = body(payment(schema));
    byte[] headed = ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(17).put(body).array();
    var named = new AvroCells(schema, OptionalInt.of(17));
    assertThat(read(named, headed).cells())
        .isEqualTo(read(new AvroCells(schema, OptionalInt.empty()), body).cells());
    assertThat(refusal(named, body)).isEqualTo(Code.CDT_381);
    assertThat(refusal(new AvroCells(schema, OptionalInt.of(18)), headed)).isEqualTo(Code.CDT_381);
    assertThat(refusal(named, new byte[] {0, 0, 0, 0})).isEqualTo(Code.CDT_381);
    headed[0] = 1;
    assertThat(refusal(named, headed)).isEqualTo(Code.CDT_381);
  }

  @Test
  void refusesEveryCutAndWhatFollows() throws IOException {
    Schema schema = schema(SCHEMA);
    var format = new AvroCells(schema, OptionalInt.empty());
    byte[] body = body(payment(schema));
    for (int length = 0; length < body.length; length++) {
      assertThat(refusal(format, Arrays.copyOf(body, length))).isEqualTo(Code.CDT_381);
    }
    assertThat(refusal(format, Arrays.copyOf(body, body.length + 1))).isEqualTo(Code.CDT_381);
  }

  @Test
  void brokenBytesAreReadOrRefusedAndNothingElse() throws IOException {
    Schema schema = schema(SCHEMA);
    var format = new AvroCells(schema, OptionalInt.empty());
    byte[] body = body(payment(schema));
    var random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = body.clone();
      for (int k = 0; k <= i % 3; k++) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      refused += read(format, broken).refusal() == null ? 0 : 1;
    }
    assertThat(refused).isBetween(1, 19_999);
  }

  @Test
  void alengthThatTheBodyLacksAllocatesNothing() throws IOException {
    Schema schema =
        schema(
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}]}");
    var out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    encoder.writeLong(Integer.MAX_VALUE - 16);
    assertThat(refusal(new AvroCells(schema, OptionalInt.empty()), out.toByteArray()))
        .isEqualTo(Code.CDT_381);
  }

  @Test
  void aTextThatIsNoUtf8IsRefused() throws IOException {
    Schema schema =
        schema(
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"string\"}]}");
    assertThat(refusal(new AvroCells(schema, OptionalInt.empty()), new byte[] {2, (byte) 0xFC}))
        .isEqualTo(Code.CDT_381);
  }

  /** Arrays of records in each other: each level is two. */
  private static String nested(int levels) {
    var text = new StringBuilder();
    for (int i = 0; i < levels; i++) {
      text.append("{\"type\":\"array\",\"items\":");
    }
    return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":"
        + text
        + "\"int\""
        + "}".repeat(levels)
        + "}]}";
  }

  private static String decimal(int precision) {
    return ("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":"
            + "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%d,\"scale\":0}}]}")
        .formatted(precision);
  }

  /** A record and its fields are this many parts. */
  private static String wide(int parts) {
    var fields = new ArrayList<String>();
    for (int i = 1; i < parts; i++) {
      fields.add("{\"name\":\"f%d\",\"type\":\"int\"}".formatted(i));
    }
    return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" + String.join(",", fields) + "]}";
  }

  @Test
  void aSchemaIsBounded() throws IOException {
    // The record and the innermost type are a level each.
    schema(nested(AvroSchemaFile.DEPTH_MAX - 2));
    assertThat(schemaProblem(nested(AvroSchemaFile.DEPTH_MAX - 1)).reason()).contains("nested");
    schema(decimal(AvroText.DIGITS_MAX));
    assertThat(schemaProblem(decimal(AvroText.DIGITS_MAX + 1)).reason()).contains("digits");
    schema(wide(AvroSchemaFile.PARTS_MAX));
    assertThat(schemaProblem(wide(AvroSchemaFile.PARTS_MAX + 1)).reason()).contains("parts");
    String padded = SCHEMA + " ".repeat(AvroSchemaFile.FILE_BYTES_MAX - bytes(SCHEMA));
    schema(padded);
    assertThat(schemaProblem(padded + " ").reason()).contains("longer than");
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void aSchemaThatCouldTakeForEverIsRefused() throws IOException {
    String array =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":"
            + "{\"type\":\"array\",\"items\":%s}}]}";
    for (String nothing :
        new String[] {"\"null\"", "{\"type\":\"record\",\"name\":\"E\",\"fields\":[]}"}) {
      assertThat(schemaProblem(array.formatted(nothing)).reason()).contains("no bytes");
    }
    String self =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"R\"]}]}";
    assertThat(schemaProblem(self).code()).isEqualTo(Code.CDT_387);
    assertThat(schemaProblem("\"string\"").code()).isEqualTo(Code.CDT_387);
    assertThat(schemaProblem("{").code()).isEqualTo(Code.CDT_387);
  }
}
