package org.concordat.rules.plan;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a rule tells whom.
 *
 * @param rule the rule's name, 1 to 64 of [a-z0-9-]
 * @param live false for a shadow rule, whose flags are never opened
 * @param flag the bit that all aggregators open
 * @param score an arithmetic node that only the bank concerned gets, for flagged rows
 * @param scoreScale the score is the node's value divided by this
 * @param threshold the smallest flagged value of the score node; 0 where there is no score
 * @param reasons bits that only the bank concerned gets, for flagged rows, at most 64
 */
public record RuleOutput(
    String rule,
    String title,
    boolean live,
    int flag,
    OptionalInt score,
    long scoreScale,
    long threshold,
    List<ReasonOutput> reasons) {
  /** Words an alert of this rule opens to the bank: the score if any, then the reason bits. */
  public int detailWords() {
    return (score.isPresent() ? 1 : 0) + (reasons.isEmpty() ? 0 : 1);
  }

  /** A condition that may have held, with the words that the bank shows. */
  public record ReasonOutput(String code, String text, int bit) {}
}
