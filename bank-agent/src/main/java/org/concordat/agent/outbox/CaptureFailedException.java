package org.concordat.agent.outbox;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The log can't be read for now. Tells kinds of causes only: their words may quote rows. */
final class CaptureFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  CaptureFailedException(@Nullable Throwable cause) {
    super(told(cause), null, false, false);
  }

  /** The innermost cause's type, with the server's code if it has one. */
  static String told(@Nullable Throwable cause) {
    String told = "ended";
    for (Throwable at = cause; at != null; at = at.getCause()) {
      boolean coded = at instanceof SQLException sql && sql.getSQLState() != null;
      told = at.getClass().getSimpleName() + (coded ? " " + ((SQLException) at).getSQLState() : "");
    }
    return told;
  }
}
