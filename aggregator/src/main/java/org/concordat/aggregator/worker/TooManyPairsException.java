package org.concordat.aggregator.worker;

/** A batch would compare more pairs of records than one may; its rows in parts may do. */
final class TooManyPairsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooManyPairsException() {
    super("The batch has too many pairs.");
  }
}
