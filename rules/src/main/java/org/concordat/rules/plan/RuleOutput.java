package org.concordat.rules.plan;

import java.util.List;
import java.util.Optional;
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
 * @param members the earlier records that are alerted with a flagged row
 */
public record RuleOutput(
    String rule,
    String title,
    boolean live,
    int flag,
    OptionalInt score,
    long scoreScale,
    long threshold,
    List<ReasonOutput> reasons,
    Optional<Members> members) {
  /** A rule that alerts no earlier records. */
  public RuleOutput(
      String rule,
      String title,
      boolean live,
      int flag,
      OptionalInt score,
      long scoreScale,
      long threshold,
      List<ReasonOutput> reasons) {
    this(rule, title, live, flag, score, scoreScale, threshold, reasons, Optional.empty());
  }

  /** Words an alert of this rule opens to the bank: the score if any, then the reason bits. */
  public int detailWords() {
    return (score.isPresent() ? 1 : 0) + (reasons.isEmpty() ? 0 : 1);
  }

  /** Bits that all aggregators open of a flagged row: which candidates of its paths hold. */
  public List<Integer> slots() {
    return members.stream()
        .flatMap(of -> of.paths().stream())
        .flatMap(path -> path.slots().stream())
        .toList();
  }

  /**
   * The earlier records that are alerted with a flagged row: those that make its paths.
   *
   * @param max of one row; the latest ones
   */
  public record Members(int max, List<MemberPath> paths) {}

  /**
   * A path that is there wherever the rule flags.
   *
   * @param path index among those that are linked
   * @param slots for each slot the bit that says whether its candidate holds; empty where the path
   *     is a number, whose members are public
   */
  public record MemberPath(int path, List<Integer> slots) {}

  /** A condition that may have held, with the words that the bank shows. */
  public record ReasonOutput(String code, String text, int bit) {}
}
