package org.concordat.aggregator.peer;

import org.concordat.schemas.problem.Code;

/** A link that can't come up or has to end, and why. Holds no byte of the peer's. */
final class LinkFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final Code code;

  LinkFault(Code code) {
    super(code.label());
    this.code = code;
  }

  Code code() {
    return code;
  }
}
