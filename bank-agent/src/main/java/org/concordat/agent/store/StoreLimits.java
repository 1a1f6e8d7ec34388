package org.concordat.agent.store;

import java.time.Duration;

/**
 * What the data folder may hold, and take.
 *
 * @param spoolBytesMax of sealed blocks that aren't known to be scored; reading stops beyond it
 * @param deadLetterBytesMax of refused rows; the oldest go first
 * @param deadLetterAge after which a refused row goes
 * @param seenAge after which a row's transaction id, its reference and its journal go
 * @param answerAge after which an idempotency key and its answer go
 * @param memoryBytesMax that the store takes outside the heap
 * @param diskBytesMax of the store's files, all that is in them together; reading stops beyond it
 * @param spoolBlocksMax how many blocks aren't known to be scored, each of which takes some of the
 *     heap; reading stops beyond it
 */
public record StoreLimits(
    long spoolBytesMax,
    long deadLetterBytesMax,
    Duration deadLetterAge,
    Duration seenAge,
    Duration answerAge,
    long memoryBytesMax,
    long diskBytesMax,
    long spoolBlocksMax) {
  /** From so much of the spool's or the disk's bound on the agent isn't ready. */
  public static final double READY_SHARE = 0.9;

  /** Of memory outside the heap, where nobody asks for another number. */
  public static final long MEMORY_BYTES = 128L << 20;

  /**
   * Of the disk, where nobody asks for another number: 35 days of 6 million rows each at a kilobyte
   * a row, more than twice what one takes (capacity.md), leave a fifth of it. It is to stop nobody
   * who has the disk.
   */
  public static final long DISK_BYTES = 256L << 30;

  /** With as many blocks as this process's heap has room for. */
  public StoreLimits(
      long spoolBytesMax,
      long deadLetterBytesMax,
      Duration deadLetterAge,
      Duration seenAge,
      Duration answerAge,
      long memoryBytesMax,
      long diskBytesMax) {
    this(
        spoolBytesMax,
        deadLetterBytesMax,
        deadLetterAge,
        seenAge,
        answerAge,
        memoryBytesMax,
        diskBytesMax,
        SpoolIndex.blocksMax(Runtime.getRuntime().maxMemory()));
  }
}
