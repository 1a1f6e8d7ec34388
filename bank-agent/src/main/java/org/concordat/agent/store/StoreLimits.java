package org.concordat.agent.store;

import java.time.Duration;

/**
 * What the data folder may hold.
 *
 * @param spoolBytesMax of sealed blocks that aren't known to be scored; reading stops beyond it
 * @param deadLetterBytesMax of refused rows; the oldest go first
 * @param deadLetterAge after which a refused row goes
 * @param seenAge after which a row's transaction id, its reference and its journal go
 * @param answerAge after which an idempotency key and its answer go
 */
public record StoreLimits(
    long spoolBytesMax,
    long deadLetterBytesMax,
    Duration deadLetterAge,
    Duration seenAge,
    Duration answerAge) {}
