package org.concordat.rules.simulate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.concordat.rules.oracle.LinkedOracle;
import org.jspecify.annotations.Nullable;

/**
 * What a rule set would have flagged.
 *
 * @param rows evaluated
 * @param refused rows that the contract doesn't admit
 * @param refusedByCode by stable code such as CDT-313
 * @param flagged rows that a live rule flags
 * @param labelled rows with a label
 * @param fraud rows whose label says fraud
 * @param all of the live rules together; nothing without labels
 * @param linked of rules with windows or paths; nothing without
 */
public record SimulationReport(
    long rows,
    long refused,
    Map<String, Long> refusedByCode,
    long flagged,
    long labelled,
    long fraud,
    @Nullable Quality all,
    List<RuleReport> rules,
    @Nullable Linked linked) {
  /**
   * What windows and paths remember, and what they left out.
   *
   * @param entities remembered in the end
   */
  public record Linked(int entities, LinkedOracle.Totals leftOut) {}

  /**
   * One rule's part.
   *
   * @param flaggedAlone rows that no other live rule flags
   * @param overlap rows that another rule flags too, by its name
   * @param quality nothing without labels
   */
  public record RuleReport(
      String rule,
      boolean live,
      long flagged,
      long flaggedAlone,
      Map<String, Long> overlap,
      @Nullable Quality quality) {}

  /**
   * Against the labels.
   *
   * @param hits flagged rows that are fraud
   * @param precision hits among flagged; 0 where nothing is flagged
   * @param recall hits among fraud; 0 where nothing is fraud
   */
  public record Quality(long hits, double precision, double recall) {
    static Quality of(long hits, long flagged, long fraud) {
      return new Quality(
          hits, flagged == 0 ? 0 : (double) hits / flagged, fraud == 0 ? 0 : (double) hits / fraud);
    }
  }

  /** The report as a page of text. */
  public String text() {
    var text = new StringBuilder();
    line(text, "%d rows evaluated, %d refused, %d flagged (%s)", rows, refused, flagged, share());
    refusedByCode.forEach((code, count) -> line(text, "  refused %s: %d", code, count));
    if (all != null) {
      line(text, "%d of %d labelled rows are fraud", fraud, labelled);
    }
    if (linked != null) {
      LinkedOracle.Totals out = linked.leftOut();
      line(text, "%d entities remembered at the end; not remembered:", linked.entities());
      line(text, "  %d rows ahead of their commit, %d repeated;", out.ahead(), out.repeated());
      line(
          text,
          "  by window: %d late, %d beyond its events; %d untracked",
          out.late(),
          out.full(),
          out.untracked());
    }
    line(text, "");
    line(text, "  %-32s %9s %9s %10s %8s", "rule", "flagged", "alone", "precision", "recall");
    for (RuleReport rule : rules) {
      String name = rule.rule() + (rule.live() ? "" : " (shadow)");
      row(text, name, rule.flagged(), Long.toString(rule.flaggedAlone()), rule.quality());
    }
    row(text, "all live rules", flagged, "", all);
    return text.toString();
  }

  private String share() {
    return String.format(Locale.ROOT, "%.3f %%", rows == 0 ? 0.0 : 100.0 * flagged / rows);
  }

  private static void row(
      StringBuilder text, String name, long flagged, String alone, @Nullable Quality quality) {
    line(
        text,
        "  %-32s %9d %9s %10s %8s",
        name,
        flagged,
        alone,
        quality == null ? "" : String.format(Locale.ROOT, "%.3f", quality.precision()),
        quality == null ? "" : String.format(Locale.ROOT, "%.3f", quality.recall()));
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }
}
