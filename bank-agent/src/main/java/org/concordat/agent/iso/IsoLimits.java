package org.concordat.agent.iso;

import org.concordat.agent.store.DeadLetter;

/**
 * How large messages may be.
 *
 * @param fileBytesMax of a file
 * @param transactionsMax of a message
 * @param transactionBytesMax of a transaction, and of what stands before the first or after the
 *     last
 */
public record IsoLimits(long fileBytesMax, int transactionsMax, int transactionBytesMax) {
  /** A refused transaction is kept as a whole. */
  public static final int TRANSACTION_BYTES_MAX = DeadLetter.RAW_BYTES_MAX;

  /** Elements inside one another. */
  public static final int DEPTH_MAX = 64;

  public static final IsoLimits DEFAULT = new IsoLimits(1L << 30, 1_000_000, TRANSACTION_BYTES_MAX);
}
