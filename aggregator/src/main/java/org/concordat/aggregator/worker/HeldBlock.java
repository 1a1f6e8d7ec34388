package org.concordat.aggregator.worker;

import org.concordat.schemas.seal.Opening;

/**
 * A block that was opened and is waiting for its cut.
 *
 * @param offset of its record in the bank's topic
 */
record HeldBlock(Opening.Opened opened, long offset) {
  int rows() {
    return opened.core().getRows();
  }
}
