package org.concordat.it;

import java.util.List;
import org.concordat.ops.chaos.ChaosText;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;

/**
 * What a run with faults finds and no second try may hide: differences from the oracle, a process
 * that ended by itself or took more memory than it may, and scoring that stopped for good. A slow
 * machine explains none of it.
 */
final class ChaosLosses {
  private static final List<String> SAID =
      List.of(ChaosText.DIFFERENCES, ChaosText.ENDED, ChaosText.BEYOND);

  private ChaosLosses() {}

  /**
   * Holds what a run said against it.
   *
   * @param printed all that it said
   * @throws LossStays.Loss it found such a thing
   */
  static void requireNone(String printed) {
    if (SAID.stream().anyMatch(printed::contains)) {
      throw new LossStays.Loss(printed);
    }
  }

  /**
   * Lets pass what ended a run for other reasons.
   *
   * @param printed all that it had said by then
   * @throws LossStays.Loss CDT-804: scoring didn't go on after a fault
   */
  static void requireScoring(InvalidInputException ended, String printed) {
    if (ended.problems().stream().anyMatch(problem -> problem.code() == Code.CDT_804)) {
      throw new LossStays.Loss(printed + ended.getMessage());
    }
  }
}
