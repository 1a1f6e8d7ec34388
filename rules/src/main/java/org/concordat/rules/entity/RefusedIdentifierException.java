package org.concordat.rules.entity;

import org.concordat.schemas.problem.Code;

/** A text that can't be an identifier of its kind. Says nothing of the text. */
public final class RefusedIdentifierException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Code code;

  RefusedIdentifierException(Code code) {
    super(code.cause(), null, false, false);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
