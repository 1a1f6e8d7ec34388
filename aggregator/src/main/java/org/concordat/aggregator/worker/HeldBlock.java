package org.concordat.aggregator.worker;

import org.concordat.schemas.seal.Opening;

/**
 * A block that was opened and is waiting for its cut.
 *
 * @param offset of its record in the bank's topic
 * @param heldNanos when it was opened, on the clock of {@link System#nanoTime}
 */
record HeldBlock(Opening.Opened opened, long offset, long heldNanos) {
  private static final int WORD_ROWS = 64;

  int rows() {
    return opened.core().getRows();
  }

  /** Rows of buffer that it takes: bit planes come in whole words. */
  int room() {
    return (rows() + WORD_ROWS - 1) / WORD_ROWS * WORD_ROWS;
  }
}
