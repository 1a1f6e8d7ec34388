package org.concordat.schemas.record;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of one type from Avro's single-object encoding, written under any of the schemas
 * that it is given: release N reads what release N-1 wrote. Safe for use by several threads.
 */
final class RecordReader<T extends SpecificRecordBase> {
  /** Longer records are refused unread; the longest real ones are the votes of a full batch. */
  static final int RECORD_BYTES_MAX = 64 << 20;

  private static final int HEAD_BYTES = 2 + Long.BYTES;
  private static final int MARKER = 0xC301;

  private final Class<T> type;
  private final Map<Long, SpecificDatumReader<T>> readers = new HashMap<>();

  /**
   * @param earlier schemas of the type's earlier versions
   */
  RecordReader(Class<T> type, List<Schema> earlier) {
    this.type = type;
    Schema own = SpecificData.get().getSchema(type);
    add(own, own);
    earlier.forEach(schema -> add(schema, own));
  }

  private void add(Schema writer, Schema own) {
    long fingerprint = SchemaNormalization.parsingFingerprint64(writer);
    readers.put(fingerprint, new SpecificDatumReader<>(writer, own));
  }

  T read(byte @Nullable [] bytes) {
    if (bytes == null || bytes.length < HEAD_BYTES || bytes.length > RECORD_BYTES_MAX) {
      throw new MalformedRecordException(type, null);
    }
    ByteBuffer head = ByteBuffer.wrap(bytes, 0, HEAD_BYTES);
    int marker = head.getShort() & 0xFFFF;
    SpecificDatumReader<T> reader = readers.get(head.order(ByteOrder.LITTLE_ENDIAN).getLong());
    if (marker != MARKER || reader == null) {
      throw new MalformedRecordException(type, null);
    }
    try {
      var decoder = new BoundedDecoder(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES);
      T record = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw new MalformedRecordException(type, null);
      }
      return record;
    } catch (IOException
        | AvroRuntimeException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | SecurityException
        | UnsupportedOperationException e) {
      // Avro throws all of these for bytes that aren't a record.
      throw new MalformedRecordException(type, e);
    }
  }
}
