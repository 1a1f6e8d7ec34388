package org.concordat.schemas.record;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Encodes records in Avro's single-object encoding: C3 01, the schema's 64-bit fingerprint, the
 * body. A reader needs no registry as long as it knows the writer's schema; unknown fingerprints
 * are refused.
 */
public final class RecordCodec {
  private static final Map<Class<?>, BinaryMessageEncoder<SpecificRecordBase>> ENCODERS =
      new ConcurrentHashMap<>();
  private static final Map<Class<?>, RecordReader<?>> READERS = new ConcurrentHashMap<>();

  static {
    // Avro 1.12.2 refuses even generated classes unless they are named as trusted.
    ClassSecurityPredicate ours =
        type -> type.getPackageName().equals("org.concordat.schemas.record");
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(ClassSecurityValidator.DEFAULT, ours));
  }

  private RecordCodec() {}

  /** Has Avro trust the records' classes: before the first builder, if nothing was coded yet. */
  public static void trustRecords() {
    // Done by loading this class.
  }

  /** The record's bytes, to be put on the bus. */
  public static byte[] encode(SpecificRecordBase record) {
    BinaryMessageEncoder<SpecificRecordBase> encoder =
        ENCODERS.computeIfAbsent(
            record.getClass(),
            type -> new BinaryMessageEncoder<>(SpecificData.get(), record.getSchema(), true));
    try {
      ByteBuffer encoded = encoder.encode(record);
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new IllegalStateException("A complete record is always encoded.", e);
    }
  }

  /** The record's Avro binary alone, without marker and fingerprint: what is hashed and signed. */
  public static byte[] body(SpecificRecordBase record) {
    var out = new ByteArrayOutputStream(1024);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    try {
      new SpecificDatumWriter<SpecificRecordBase>(record.getSchema()).write(record, encoder);
    } catch (IOException e) {
      throw new IllegalStateException("A complete record is always encoded.", e);
    }
    return out.toByteArray();
  }

  /**
   * Reads a record of a type.
   *
   * @param bytes null where a topic's record has no value, which is malformed as well
   * @throws MalformedRecordException for anything else, more bytes behind it included
   */
  public static <T extends SpecificRecordBase> T decode(Class<T> type, byte @Nullable [] bytes) {
    // The first release that changes a record gives the schemas of the release before here.
    RecordReader<?> reader =
        READERS.computeIfAbsent(type, t -> new RecordReader<>(type, List.of()));
    return type.cast(reader.read(bytes));
  }
}
