package org.concordat.agent.ingest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/**
 * Avro's values as a CSV would have them: decimals and binary fractions written out, timestamps in
 * ISO 8601.
 */
final class AvroText {
  /** Digits of a decimal, and those after its point. */
  static final int DIGITS_MAX = 76;

  /** Bytes that so many digits need. */
  private static final int DECIMAL_BYTES_MAX = 32;

  private AvroText() {}

  static boolean isDecimal(Schema schema) {
    return schema.getLogicalType() instanceof LogicalTypes.Decimal;
  }

  static String decimal(Schema schema, byte[] bytes) {
    if (bytes.length == 0
        || bytes.length > DECIMAL_BYTES_MAX
        || !(schema.getLogicalType() instanceof LogicalTypes.Decimal decimal)) {
      throw new IllegalArgumentException("decimal");
    }
    return new BigDecimal(new BigInteger(bytes), decimal.getScale()).toPlainString();
  }

  static String number(Schema schema, long value) {
    LogicalType type = schema.getLogicalType();
    if (type instanceof LogicalTypes.TimestampMillis) {
      return Instant.EPOCH.plus(value, ChronoUnit.MILLIS).toString();
    }
    if (type instanceof LogicalTypes.TimestampMicros) {
      return Instant.EPOCH.plus(value, ChronoUnit.MICROS).toString();
    }
    if (type instanceof LogicalTypes.TimestampNanos) {
      return Instant.EPOCH.plus(value, ChronoUnit.NANOS).toString();
    }
    return Long.toString(value);
  }

  /** Without an exponent; infinity and what isn't a number stay words, which no feature takes. */
  static String plain(String written) {
    char last = written.charAt(written.length() - 1);
    return Character.isDigit(last) ? new BigDecimal(written).toPlainString() : written;
  }
}
