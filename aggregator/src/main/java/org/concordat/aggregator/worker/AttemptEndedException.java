package org.concordat.aggregator.worker;

/** An attempt can't go on, since it, or the one that it was built on, was given up. */
final class AttemptEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AttemptEndedException() {
    super("The attempt was given up.");
  }
}
