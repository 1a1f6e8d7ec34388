package org.concordat.ops.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.concordat.ops.demo.MemoryUse;
import org.concordat.ops.plot.TimePlot;
import org.concordat.ops.plot.TimePlot.Line;

/** A report as one HTML page with a plot over time in it; it loads nothing. */
final class ChaosPage {
  private static final int MARK_HEIGHT = 16;
  private static final int POINTS_MAX = 600;
  private static final double MILLIS = 1_000;
  private static final String ROWS = "#1f6f8b";
  private static final String LAG = "#c0702a";
  private static final String STYLE =
      "body{font:15px sans-serif;margin:2em auto;max-width:1200px;color:#222}"
          + "table{border-collapse:collapse}"
          + "td,th{padding:3px 10px;text-align:right;border-bottom:1px solid #ddd}"
          + "td:first-child,th:first-child{text-align:left}svg text{font:11px sans-serif}";

  private final ChaosReport report;
  private final StringBuilder page = new StringBuilder();
  private final double seconds;
  private final TimePlot plots;

  private ChaosPage(ChaosReport report) {
    this.report = report;
    this.seconds = Math.max(1, report.second(report.endMillis()));
    this.plots = new TimePlot(page, seconds);
  }

  /** The page. */
  static String html(ChaosReport report) {
    return new ChaosPage(report).render();
  }

  private String render() {
    var options = report.options();
    page.append(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Chaos, seed ")
        .append(options.seed())
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>Chaos, seed ")
        .append(options.seed())
        .append("</h1>");
    add(
        "<p>%d faults in %.0f s at %d payments a second: %d scored, %d alerts, %d by the oracle;"
            + " %d missing, %d extra, %d different. %s</p>",
        report.outcomes().size(),
        seconds,
        options.ratePerSecond(),
        report.check().path("scored").asLong(),
        report.check().path("alerts").asLong(),
        report.check().path("oracle").asLong(),
        report.check().path("missing").asLong(),
        report.check().path("extra").asLong(),
        report.check().path("different").asLong(),
        report.holds() ? "It holds." : "It does not hold.");
    timeline();
    kinds();
    faults();
    return page.append("</body></html>\n").toString();
  }

  private void add(String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }

  private void timeline() {
    int marks = FaultKind.values().length * MARK_HEIGHT;
    int height = 2 * (TimePlot.HEIGHT + TimePlot.GAP) + marks + TimePlot.GAP;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">",
        TimePlot.WIDTH, height);
    plots.plot(TimePlot.GAP, "rows a second", List.of(new Line(ROWS, rows())));
    plots.plot(2 * TimePlot.GAP + TimePlot.HEIGHT, "oldest row, s", List.of(new Line(LAG, lags())));
    int top = 2 * (TimePlot.HEIGHT + TimePlot.GAP) + TimePlot.GAP;
    for (FaultKind kind : FaultKind.values()) {
      plots.text(4, top + kind.ordinal() * MARK_HEIGHT + 11, kind.label());
    }
    report.outcomes().forEach(outcome -> mark(outcome, top));
    page.append(
        "</svg><p>A bar lasts as long as its fault; a dark one fell between prepare and"
            + " commit of a batch, the line after it ends when scoring went on.</p>");
  }

  /** Mean rows a second of each of a few hundred spans. */
  private List<double[]> rows() {
    int span = (int) Math.ceil(seconds / POINTS_MAX);
    List<double[]> points = new ArrayList<>();
    long first = report.beginMillis() / (long) MILLIS;
    for (int second = 0; second < seconds; second += span) {
      double sum =
          report.rowsBySecond().subMap(first + second, first + second + span).values().stream()
              .mapToLong(Long::longValue)
              .sum();
      points.add(new double[] {second, sum / span});
    }
    return points;
  }

  private List<double[]> lags() {
    return report.lags().stream()
        .map(lag -> new double[] {report.second(lag.millis()), lag.seconds()})
        .filter(point -> point[0] >= 0 && point[0] <= seconds)
        .toList();
  }

  private void mark(Outcome outcome, int top) {
    int y = top + outcome.fault().kind().ordinal() * MARK_HEIGHT;
    double from = plots.x(report.second(outcome.strikeMillis()));
    double to = plots.x(report.second(outcome.undoneMillis()));
    double again = plots.x(report.second(outcome.undoneMillis() + outcome.recoveryMillis()));
    add(
        "<g><title>%s</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"12\" fill=\"%s\"/>"
            + "<path d=\"M%.1f %dH%.1f\" stroke=\"#a33\"/></g>",
        describe(outcome),
        from,
        y + 2,
        Math.max(2, to - from),
        outcome.between() ? "#a33" : "#e0a0a0",
        Math.max(from + 2, to),
        y + 8,
        again);
  }

  private String describe(Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "%d: %s at %.1f s for %.1f s, scoring again after %.1f s",
        outcome.fault().number(),
        outcome.fault().describe(),
        report.second(outcome.strikeMillis()),
        (outcome.undoneMillis() - outcome.strikeMillis()) / MILLIS,
        outcome.recoveryMillis() / MILLIS);
  }

  private void kinds() {
    page.append("<h2>By kind</h2><table>");
    row("th", "fault", "times", "between prepare and commit", "again after, p50", "p95", "most");
    for (ChaosReport.Tally tally : report.tallies()) {
      row(
          "td",
          tally.kind().label(),
          "" + tally.count(),
          "" + tally.between(),
          seconds(tally.percentile(50)),
          seconds(tally.percentile(95)),
          seconds(tally.percentile(100)));
    }
    page.append("</table>");
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.1f s", value);
  }

  private void faults() {
    page.append("<h2>All faults</h2><table>");
    row("th", "fault", "between");
    report.outcomes().forEach(o -> row("td", describe(o), o.between() ? "yes" : "no"));
    page.append("</table><h2>Resident at most, of what each may have</h2><table>");
    for (Map.Entry<String, MemoryUse> use : report.memory().entrySet()) {
      row("td", use.getKey(), use.getValue().describe());
    }
    page.append("</table>");
  }

  private void row(String cell, String... texts) {
    page.append("<tr>");
    for (String text : texts) {
      add("<%s>%s</%s>", cell, text, cell);
    }
    page.append("</tr>");
  }
}
