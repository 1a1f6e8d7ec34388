package org.concordat.schemas.record;

import org.jspecify.annotations.Nullable;

/** Bytes that aren't the record they should be. Holds nothing of them. */
public final class MalformedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedRecordException(Class<?> type, @Nullable Throwable cause) {
    super("The bytes are not a record of type " + type.getSimpleName() + ".", cause);
  }
}
