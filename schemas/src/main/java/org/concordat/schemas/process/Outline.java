package org.concordat.schemas.process;

import org.jspecify.annotations.Nullable;

/**
 * A failure as it may be logged: the classes of it and of its causes, where each was thrown, and
 * none of their messages. Those of libraries may quote what they read.
 */
public final class Outline extends Throwable {
  /** A failure may name itself as its cause's cause. */
  static final int CAUSES_MAX = 8;

  private static final long serialVersionUID = 1L;

  private Outline(Throwable failure, @Nullable Outline cause) {
    super(failure.getClass().getName(), cause, false, true);
    setStackTrace(failure.getStackTrace());
  }

  public static Outline of(Throwable failure) {
    return of(failure, CAUSES_MAX);
  }

  private static Outline of(Throwable failure, int causesMax) {
    Throwable cause = failure.getCause();
    return new Outline(failure, cause == null || causesMax == 0 ? null : of(cause, causesMax - 1));
  }
}
