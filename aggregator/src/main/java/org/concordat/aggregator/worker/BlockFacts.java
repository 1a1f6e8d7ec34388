package org.concordat.aggregator.worker;

import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.seal.Opening;

/**
 * What is public of a block's rows.
 *
 * @param live false for history
 * @param minutes event times, one a row
 * @param transactionIds 16 bytes a row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; stays in this package
record BlockFacts(String bank, boolean live, long[] minutes, byte[] transactionIds) {
  static BlockFacts of(Opening.Opened block) {
    return new BlockFacts(
        block.core().getBank(),
        block.core().getKind() == RecordKind.LIVE,
        block.eventMinutes(),
        block.transactionIds());
  }

  int rows() {
    return minutes.length;
  }
}
