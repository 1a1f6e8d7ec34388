package org.concordat.schemas.record;

/** Bytes that aren't the record they should be. Holds nothing of them. */
public final class MalformedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedRecordException(Class<?> type, Throwable cause) {
    super("The bytes are not a record of type " + type.getSimpleName() + ".", cause);
  }
}
