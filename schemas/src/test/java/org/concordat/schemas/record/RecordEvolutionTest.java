package org.concordat.schemas.record;

import static org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE;
import static org.apache.avro.SchemaCompatibility.SchemaCompatibilityType.INCOMPATIBLE;
import static org.apache.avro.SchemaCompatibility.checkReaderWriterCompatibility;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Protocol;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.RandomData;
import org.concordat.schemas.GoldenFile;
import org.junit.jupiter.api.Test;

/**
 * What one release wrote, the next one reads, and the other way round. {@code v1} holds every
 * record's schema and one sample as released; {@code v2} adds an optional field to a receipt and
 * {@code v3} breaks it: both are made up for this test.
 */
class RecordEvolutionTest {
  private static final int SAMPLE_SEED = 1;

  private static Map<String, Schema> records(Protocol protocol) {
    Map<String, Schema> records = new TreeMap<>();
    protocol.getTypes().stream()
        .filter(type -> type.getType() == Schema.Type.RECORD)
        .forEach(type -> records.put(type.getName(), type));
    return records;
  }

  /** The protocol between peers imports the bus: it names every record. */
  private static Map<String, Schema> current() {
    return records(Peer.PROTOCOL);
  }

  private static Schema receipt(String version) {
    return new Schema.Parser()
        .parse(new GoldenFile(RecordEvolutionTest.class, version + "/Receipt.avsc").text());
  }

  private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
    return checkReaderWriterCompatibility(reader, writer).getType();
  }

  @Test
  void everyRecordIsCompatibleWithItsReleasedSchemaBothWays() {
    var golden = new GoldenFile(RecordEvolutionTest.class, "v1/peer.avpr");
    golden.assertHolds(Peer.PROTOCOL.toString(true) + "\n");
    Map<String, Schema> released = records(Protocol.parse(golden.text()));
    assertThat(released.keySet()).isEqualTo(current().keySet());
    current()
        .forEach(
            (name, schema) -> {
              assertThat(compatibility(schema, released.get(name))).as(name).isEqualTo(COMPATIBLE);
              assertThat(compatibility(released.get(name), schema)).as(name).isEqualTo(COMPATIBLE);
            });
  }

  @Test
  void everyReleasedSampleIsReadAndWrittenAsItIs() throws Exception {
    var golden = new GoldenFile(RecordEvolutionTest.class, "v1/samples.txt");
    var samples = new StringBuilder();
    current()
        .forEach(
            (name, schema) -> {
              var sample = new RandomData(schema, 1, SAMPLE_SEED).iterator().next();
              samples.append(name).append(' ').append(hex(encode((GenericRecord) sample)));
              samples.append('\n');
            });
    if (System.getProperty("concordat.golden", "").equals("write")) {
      golden.assertHolds(samples.toString());
    }
    List<String> lines = golden.text().lines().toList();
    assertThat(lines).hasSize(current().size());
    for (String line : lines) {
      int space = line.indexOf(' ');
      byte[] bytes = HexFormat.of().parseHex(line.substring(space + 1));
      Schema schema = current().get(line.substring(0, space));
      Class<? extends SpecificRecordBase> type =
          SpecificData.get().getClass(schema).asSubclass(SpecificRecordBase.class);
      SpecificRecordBase record = RecordCodec.decode(type, bytes);
      byte[] again = RecordCodec.encode(record);
      assertThat(RecordCodec.decode(type, again)).isEqualTo(record);
      if (!hasMap(schema)) {
        assertThat(hex(again)).as(type.getSimpleName()).isEqualTo(hex(bytes));
      }
    }
  }

  /** A map's entries have no order, so that its bytes can't be signed or hashed. */
  @Test
  void noSignedRecordHoldsAMap() {
    List<Schema> signed =
        current().values().stream().filter(s -> s.getField("signature") != null).toList();
    assertThat(signed).hasSize(10).noneMatch(RecordEvolutionTest::hasMap);
    assertThat(BlockCore.getClassSchema()).matches(schema -> !hasMap(schema));
  }

  private static boolean hasMap(Schema schema) {
    return switch (schema.getType()) {
      case MAP -> true;
      case ARRAY -> hasMap(schema.getElementType());
      case UNION -> schema.getTypes().stream().anyMatch(RecordEvolutionTest::hasMap);
      case RECORD -> schema.getFields().stream().anyMatch(field -> hasMap(field.schema()));
      default -> false;
    };
  }

  @Test
  void anAddedOptionalFieldIsReadBothWays() throws IOException {
    Schema v1 = Receipt.getClassSchema();
    Schema v2 = receipt("v2");
    assertThat(compatibility(v2, v1)).isEqualTo(COMPATIBLE);
    assertThat(compatibility(v1, v2)).isEqualTo(COMPATIBLE);

    var sample = (GenericRecord) new RandomData(v2, 1, SAMPLE_SEED).iterator().next();
    sample.put("note", "added in version 2");
    byte[] written = encode(sample);
    assertThatThrownBy(() -> RecordCodec.decode(Receipt.class, written))
        .as("a schema that was never given is refused")
        .isInstanceOf(MalformedRecordException.class);
    Receipt read = new RecordReader<>(Receipt.class, List.of(v2)).read(written);
    assertThat(read.getBank()).isEqualTo(sample.get("bank").toString());
    assertThat(read.getSequence()).isEqualTo(sample.get("sequence"));

    var decoder = new BinaryMessageDecoder<GenericRecord>(GenericData.get(), v2);
    decoder.addSchema(v1);
    GenericRecord back = decoder.decode(ByteBuffer.wrap(RecordCodec.encode(read)));
    assertThat(back.get("note")).isNull();
    assertThat(back.get("bank")).hasToString(read.getBank());
  }

  @Test
  void aBrokenVersionIsFound() {
    Schema v1 = Receipt.getClassSchema();
    Schema v3 = receipt("v3");
    assertThat(compatibility(v3, v1)).isEqualTo(INCOMPATIBLE);
    assertThat(compatibility(v1, v3)).isEqualTo(INCOMPATIBLE);
  }

  private static byte[] encode(GenericRecord record) {
    try {
      ByteBuffer encoded =
          new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema())
              .encode(record);
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new IllegalStateException("A complete record is always encoded.", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
