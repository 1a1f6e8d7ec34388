package org.concordat.ops.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Plots over time, one below the other, in an SVG element of a page. */
public final class TimePlot {
  public static final int WIDTH = 1_160;
  public static final int HEIGHT = 120;
  public static final int GAP = 30;

  private static final int LEFT = 110;
  private static final int RIGHT = 10;

  private final StringBuilder page;
  private final double seconds;

  /**
   * A line of a plot.
   *
   * @param colour as CSS has it
   * @param points second and value of each, in order
   */
  public record Line(String colour, List<double[]> points) {}

  /**
   * @param page to append to
   * @param seconds that the plots are wide
   */
  public TimePlot(StringBuilder page, double seconds) {
    this.page = page;
    this.seconds = seconds;
  }

  /** Where a second lies. */
  public double x(double second) {
    return LEFT + second / seconds * (WIDTH - LEFT - RIGHT);
  }

  public void text(int x, int y, String label) {
    add("<text x=\"%d\" y=\"%d\">%s</text>", x, y, label);
  }

  /**
   * Draws lines from 0 to the greatest value of all.
   *
   * @param top of the plot, {@link #HEIGHT} high
   */
  public void plot(int top, String label, List<Line> lines) {
    double most =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(point -> point[1])
            .max()
            .orElse(1);
    text(4, top + 12, label);
    text(LEFT - 40, top + 12, String.format(Locale.ROOT, "%.0f", most));
    text(LEFT - 40, top + HEIGHT, "0");
    add(
        "<path d=\"M%d %dV%dH%d\" stroke=\"#999\" fill=\"none\"/>",
        LEFT, top, top + HEIGHT, WIDTH - RIGHT);
    for (Line line : lines) {
      List<String> corners = new ArrayList<>();
      for (double[] point : line.points()) {
        double y = top + HEIGHT - point[1] / Math.max(most, 1e-9) * HEIGHT;
        corners.add(String.format(Locale.ROOT, "%.1f,%.1f", x(point[0]), y));
      }
      add(
          "<polyline fill=\"none\" stroke=\"%s\" points=\"%s\"/>",
          line.colour(), String.join(" ", corners));
    }
  }

  private void add(String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }
}
