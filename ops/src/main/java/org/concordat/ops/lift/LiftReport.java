package org.concordat.ops.lift;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What who would have found.
 *
 * @param rows that were read; refused ones aren't among them
 * @param frauds labelled rows
 * @param days of the history, of which the first {@code tuneDays} are for choosing rules
 * @param alerts of each pattern in the scored days, for each bank and for the consortium
 * @param patterns by name
 * @param gains by bank, in the order of the history
 * @param onShares what an evaluation on shares gave, if there was one
 */
public record LiftReport(
    String ruleSet,
    long rows,
    long refused,
    long frauds,
    int days,
    int tuneDays,
    int alerts,
    List<Pattern> patterns,
    List<Gain> gains,
    @Nullable OnShares onShares) {
  /**
   * A pattern.
   *
   * @param instances attempts that begin in the scored days
   * @param pooled all rows together, in plain; the consortium evaluates the same on shares
   * @param bestBank who of the banks found the most
   * @param ratio of what pooled rows find to what the best bank finds, by resampling instances; an
   *     end is nothing where the best bank finds none
   */
  public record Pattern(
      String pattern,
      int instances,
      Found pooled,
      Found bestBank,
      List<Found> banks,
      Interval ratio,
      List<Point> curve) {}

  /**
   * What one side finds of a pattern: an instance is found where at least half of its payments are
   * alerted.
   *
   * @param rule that was chosen in the days for tuning
   * @param limit its number there at the volume of alerts: the bound to write into the rule
   * @param alerts records alerted in the scored days
   * @param frauds of them
   * @param found instances, with the earlier records of what a rule finds alerted too
   * @param recall part of all instances
   * @param interval of the recall, by resampling instances
   * @param foundAtOnce instances where each record is alerted when it is scored or never
   */
  public record Found(
      String who,
      String rule,
      long limit,
      int alerts,
      int frauds,
      int found,
      double recall,
      Interval interval,
      int foundAtOnce) {}

  /** From the 2.5th to the 97.5th percentile. */
  public record Interval(@Nullable Double from, @Nullable Double to) {}

  /** Recalls at a volume of alerts. */
  public record Point(int alerts, double pooled, double bestBank) {}

  /**
   * What a bank gains, over all patterns.
   *
   * @param alone alerts on its own payments that it raises itself
   * @param together those that the consortium raises
   * @param more those that it would not have had
   * @param moreFrauds of them
   */
  public record Gain(String bank, int alone, int together, int more, int moreFrauds) {}

  /**
   * Flags on shares, held against those in plain.
   *
   * @param rows the first ones of the history
   * @param flags of all rules on them, in plain
   * @param different flags that only one of both has
   */
  public record OnShares(int rows, long flags, long different) {}
}
