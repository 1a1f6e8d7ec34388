package org.concordat.rules.feature;

import org.concordat.schemas.problem.Code;

/** Why a cell can't become a value. Says nothing of the cell's content. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final Code code;
  private final String fix;

  Refusal(Code code) {
    this(code, code.cause(), code.fix());
  }

  Refusal(Code code, String reason, String fix) {
    super(reason, null, false, false);
    this.code = code;
    this.fix = fix;
  }

  Code code() {
    return code;
  }

  String fix() {
    return fix;
  }
}
