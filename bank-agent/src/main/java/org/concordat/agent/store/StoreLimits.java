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
 */
public record StoreLimits(
    long spoolBytesMax,
    long deadLetterBytesMax,
    Duration deadLetterAge,
    Duration seenAge,
    Duration answerAge,
    long memoryBytesMax) {
  /** Of memory outside the heap, where nobody asks for another number. */
  public static final long MEMORY_BYTES = 128L << 20;

  /** With that much memory. */
  public StoreLimits(
      long spoolBytesMax,
      long deadLetterBytesMax,
      Duration deadLetterAge,
      Duration seenAge,
      Duration answerAge) {
    this(spoolBytesMax, deadLetterBytesMax, deadLetterAge, seenAge, answerAge, MEMORY_BYTES);
  }
}
