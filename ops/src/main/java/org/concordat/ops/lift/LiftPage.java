package org.concordat.ops.lift;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.concordat.ops.lift.LiftReport.Found;
import org.concordat.ops.lift.LiftReport.Gain;
import org.concordat.ops.lift.LiftReport.Interval;
import org.concordat.ops.lift.LiftReport.Pattern;
import org.concordat.ops.lift.LiftReport.Point;

/** A report as one HTML page with plots in it; it loads nothing. */
public final class LiftPage {
  private static final int WIDTH = 760;
  private static final int BAR = 14;
  private static final int LABEL = 170;
  private static final int PLOT_WIDTH = 230;
  private static final int PLOT_HEIGHT = 130;
  private static final int MARGIN = 26;
  private static final String POOLED = "#1f6f8b";
  private static final String ALONE = "#c0702a";
  private static final String STYLE =
      "body{font:15px sans-serif;margin:2em auto;max-width:800px;color:#222}"
          + "table{border-collapse:collapse;width:100%}"
          + "td,th{padding:3px 8px;text-align:right;border-bottom:1px solid #ddd}"
          + "td:first-child,th:first-child{text-align:left}svg text{font:11px sans-serif}";

  private LiftPage() {}

  /** The page. */
  public static String html(LiftReport report) {
    var page = new StringBuilder();
    page.append("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lift of ")
        .append(escaped(report.ruleSet()))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>Lift of ")
        .append(escaped(report.ruleSet()))
        .append("</h1>");
    paragraph(
        page,
        "%d rows of %d days, %d labelled; rules chosen in the first %d days, scored on the others.",
        report.rows(),
        report.days(),
        report.frauds(),
        report.tuneDays());
    paragraph(
        page,
        "An instance is found where at least half of its payments are among %d alerts.",
        report.alerts());
    page.append("<h2>Recall</h2>").append(bars(report.patterns()));
    page.append("<h2>Recall by volume of alerts</h2>");
    report.patterns().forEach(pattern -> page.append(curve(pattern)));
    page.append("<h2>Patterns</h2>").append(patterns(report));
    page.append("<h2>Alerts you would not have had</h2>").append(gains(report));
    return page.append("</body></html>\n").toString();
  }

  private static void paragraph(StringBuilder page, String format, Object... values) {
    page.append("<p>").append(String.format(Locale.ROOT, format, values)).append("</p>");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  /** A bar with its interval for each pattern and side. */
  private static String bars(List<Pattern> patterns) {
    int height = patterns.size() * (2 * BAR + 12) + 24;
    var svg = new StringBuilder(svg(WIDTH, height));
    svg.append(legend(LABEL, 12, POOLED, "pooled = consortium"));
    svg.append(legend(LABEL + 180, 12, ALONE, "best bank alone"));
    int y = 24;
    for (Pattern pattern : patterns) {
      String label = pattern.pattern() + " (" + pattern.instances() + ")";
      svg.append(text(4, y + BAR + 4, label));
      bar(svg, y, pattern.pooled(), POOLED);
      bar(svg, y + BAR, pattern.bestBank(), ALONE);
      y += 2 * BAR + 12;
    }
    return svg.append("</svg>").toString();
  }

  private static void bar(StringBuilder svg, int y, Found found, String colour) {
    double scale = WIDTH - LABEL - 60;
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
            LABEL,
            y,
            found.recall() * scale,
            BAR - 2,
            colour));
    Interval interval = found.interval();
    double from = interval.from() == null ? 0 : interval.from();
    double to = interval.to() == null ? 1 : interval.to();
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#222\"/>",
            LABEL + from * scale,
            y + (BAR - 2) / 2.0,
            LABEL + to * scale));
    svg.append(text(WIDTH - 54, y + BAR - 3, found.found() + " found"));
  }

  private static String curve(Pattern pattern) {
    var svg = new StringBuilder(svg(PLOT_WIDTH, PLOT_HEIGHT));
    svg.append(text(MARGIN, 12, pattern.pattern()));
    svg.append(
        String.format(
            Locale.ROOT,
            "<path d=\"M%d 18V%dH%d\" stroke=\"#999\" fill=\"none\"/>",
            MARGIN,
            PLOT_HEIGHT - MARGIN,
            PLOT_WIDTH - 8));
    line(svg, pattern.curve(), Point::pooled, POOLED);
    line(svg, pattern.curve(), Point::bestBank, ALONE);
    svg.append(text(2, 24, "1"));
    svg.append(text(2, PLOT_HEIGHT - MARGIN, "0"));
    Point last = pattern.curve().getLast();
    svg.append(text(PLOT_WIDTH - 70, PLOT_HEIGHT - 10, last.alerts() + " alerts"));
    return svg.append("</svg>").toString();
  }

  private static void line(
      StringBuilder svg, List<Point> points, ToDoubleFunction<Point> recall, String colour) {
    double scale = (PLOT_WIDTH - 8.0 - MARGIN) / points.getLast().alerts();
    List<String> corners = new ArrayList<>();
    corners.add(MARGIN + "," + (PLOT_HEIGHT - MARGIN));
    for (Point point : points) {
      double y = PLOT_HEIGHT - MARGIN - recall.applyAsDouble(point) * (PLOT_HEIGHT - MARGIN - 18.0);
      corners.add(String.format(Locale.ROOT, "%.1f,%.1f", MARGIN + point.alerts() * scale, y));
    }
    svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
        .append(colour)
        .append("\" points=\"")
        .append(String.join(" ", corners))
        .append("\"/>");
  }

  private static String svg(int width, int height) {
    return String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">",
        width,
        height);
  }

  private static String legend(int x, int y, String colour, String label) {
    return String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>",
            x,
            y - 9,
            colour)
        + text(x + 14, y, label);
  }

  private static String text(int x, int y, String label) {
    return String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\">%s</text>", x, y, escaped(label));
  }

  private static String patterns(LiftReport report) {
    var table = new StringBuilder("<table>");
    row(table, "th", "pattern", "side", "rule", "alerts", "of fraud", "found", "at once", "recall");
    for (Pattern pattern : report.patterns()) {
      List<Found> sides = new ArrayList<>(List.of(pattern.pooled()));
      sides.addAll(pattern.banks());
      for (Found side : sides) {
        row(
            table,
            "td",
            pattern.pattern(),
            side.who(),
            side.rule(),
            "" + side.alerts(),
            "" + side.frauds(),
            side.found() + " of " + pattern.instances(),
            "" + side.foundAtOnce(),
            String.format(Locale.ROOT, "%.2f", side.recall()));
      }
    }
    return table.append("</table>").toString();
  }

  private static String gains(LiftReport report) {
    var table = new StringBuilder("<table>");
    row(table, "th", "bank", "alone", "with the consortium", "not had alone", "of them fraud");
    for (Gain gain : report.gains()) {
      row(
          table,
          "td",
          gain.bank(),
          "" + gain.alone(),
          "" + gain.together(),
          "" + gain.more(),
          "" + gain.moreFrauds());
    }
    return table.append("</table>").toString();
  }

  private static void row(StringBuilder table, String cell, String... texts) {
    table.append("<tr>");
    for (String text : texts) {
      table.append('<').append(cell).append('>').append(escaped(text));
      table.append("</").append(cell).append('>');
    }
    table.append("</tr>");
  }
}
