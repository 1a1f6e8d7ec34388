package org.concordat.aggregator.worker;

import java.util.Optional;
import org.concordat.schemas.problem.Code;

/** What became of one record from a bank's topic. */
sealed interface Admission {
  /** The bank whose topic the record came from. */
  String bank();

  /** Opened and verified; whether it is a duplicate, the partition's state knows. */
  record Accepted(String bank, long sequence, HeldBlock block) implements Admission {}

  /** By its own word it was used up before the start, and so it was left sealed. */
  record Used(String bank) implements Admission {}

  /** Its session's set-up record hasn't come yet; tried again when one comes, but not for ever. */
  record Waiting(String bank, Refused givenUp) implements Admission {}

  /**
   * Set aside.
   *
   * @param sequence where the bank's signature vouches for it, so that it can be complained about
   */
  record Refused(String bank, Code code, Optional<Long> sequence) implements Admission {}
}
