package org.concordat.ops.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.concordat.ops.demo.MemoryUse;
import org.concordat.ops.plot.TimePlot;
import org.concordat.ops.plot.TimePlot.Line;

/** A report as one HTML page with plots over time; it loads nothing. */
final class SoakPage {
  private static final int POINTS_MAX = 600;
  private static final double MEBIBYTE = 1 << 20;
  private static final int HUES = 360;
  private static final String STYLE =
      "body{font:15px sans-serif;margin:2em auto;max-width:1200px;color:#222}"
          + "svg text{font:11px sans-serif}pre{white-space:pre-wrap}";

  private final SoakReport report;
  private final StringBuilder page = new StringBuilder();
  private final List<SoakSample> samples;

  private SoakPage(SoakReport report) {
    this.report = report;
    int step = Math.ceilDiv(report.all().size(), POINTS_MAX);
    List<SoakSample> thinned = new ArrayList<>();
    for (int i = 0; i < report.all().size(); i += step) {
      thinned.add(report.all().get(i));
    }
    this.samples = thinned;
  }

  /**
   * The page.
   *
   * @param summary the report for machines, which is printed below the plots
   */
  static String html(SoakReport report, String summary) {
    return new SoakPage(report).render(summary);
  }

  private String render(String summary) {
    SoakOptions options = report.options();
    page.append(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Soak</title>")
        .append("<style>")
        .append(STYLE)
        .append("</style></head><body>");
    page.append(
        String.format(
            Locale.ROOT,
            "<h1>%d minutes at %d rows a second</h1><p>%.0f scored a second. %s</p>",
            options.minutes(),
            options.ratePerSecond(),
            report.perSecond(),
            report.holds() ? "It holds." : "It does not hold."));
    int plots = 5;
    int row = TimePlot.HEIGHT + TimePlot.GAP;
    page.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">",
            TimePlot.WIDTH,
            plots * row + TimePlot.GAP));
    var plot = new TimePlot(page, Math.max(1, samples.getLast().second()));
    plot.plot(
        TimePlot.GAP, "rows a second", List.of(line(0, rates(SoakSample::scored)), line(1, due())));
    plot.plot(
        TimePlot.GAP + row, "oldest row, s", List.of(line(0, points(SoakSample::lagSeconds))));
    plot.plot(TimePlot.GAP + 2 * row, "resident, MiB", mebibytes(SoakSample::residentBytes));
    plot.plot(TimePlot.GAP + 3 * row, "heap, MiB", mebibytes(SoakSample::heapBytes));
    plot.plot(TimePlot.GAP + 4 * row, "disk, MiB", mebibytes(SoakSample::diskBytes));
    page.append("</svg><p>Rows scored, and rows that came. Memory and disk:");
    int colour = 0;
    for (String name : processes(SoakSample::residentBytes)) {
      page.append(" <span style=\"color:")
          .append(colour(colour++))
          .append("\">")
          .append(name)
          .append("</span>");
    }
    page.append("</p><p>Resident at most, of what each may have: ")
        .append(MemoryUse.describe(report.memory()))
        .append(". On the disk: ")
        .append(DiskUse.describe(report.mostDisk()))
        .append('.');
    return page.append("</p><pre>").append(summary).append("</pre></body></html>\n").toString();
  }

  private List<double[]> due() {
    return rates(SoakSample::written);
  }

  private List<double[]> rates(Function<SoakSample, Long> count) {
    List<double[]> points = new ArrayList<>();
    for (int i = 1; i < samples.size(); i++) {
      SoakSample before = samples.get(i - 1);
      SoakSample now = samples.get(i);
      double seconds = Math.max(1e-3, now.second() - before.second());
      points.add(new double[] {now.second(), (count.apply(now) - count.apply(before)) / seconds});
    }
    return points;
  }

  private List<double[]> points(Function<SoakSample, Double> value) {
    return samples.stream()
        .map(sample -> new double[] {sample.second(), value.apply(sample)})
        .toList();
  }

  private Set<String> processes(Function<SoakSample, Map<String, Long>> bytes) {
    Set<String> names = new TreeSet<>();
    samples.forEach(sample -> names.addAll(bytes.apply(sample).keySet()));
    return names;
  }

  private List<Line> mebibytes(Function<SoakSample, Map<String, Long>> bytes) {
    List<String> names = List.copyOf(processes(SoakSample::residentBytes));
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      lines.add(line(i, points(sample -> bytes.apply(sample).getOrDefault(name, 0L) / MEBIBYTE)));
    }
    return lines;
  }

  private static Line line(int number, List<double[]> points) {
    return new Line(colour(number), points);
  }

  /** Far apart for numbers that follow each other. */
  private static String colour(int number) {
    return "hsl(" + number * 137 % HUES + " 60% 40%)";
  }
}
