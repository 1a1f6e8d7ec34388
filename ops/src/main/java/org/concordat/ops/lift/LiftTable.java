package org.concordat.ops.lift;

import java.util.Locale;
import org.concordat.ops.lift.LiftReport.Found;
import org.concordat.ops.lift.LiftReport.Gain;
import org.concordat.ops.lift.LiftReport.Interval;
import org.concordat.ops.lift.LiftReport.Pattern;
import org.jspecify.annotations.Nullable;

/** A report as a table for people, or as CSV. */
public final class LiftTable {
  private static final String ROW = "  %-18s %4s  %-22s %-22s %-9s %-13s %-15s%n";

  private LiftTable() {}

  /** A page of text. */
  public static String text(LiftReport report) {
    var text = new StringBuilder();
    line(
        text,
        "%s: %d rows of %d days, %d refused, %d labelled; scored after day %d",
        report.ruleSet(),
        report.rows(),
        report.days(),
        report.refused(),
        report.frauds(),
        report.tuneDays());
    line(
        text,
        "instances of which at least half the payments are among %d alerts%n",
        report.alerts());
    text.append(
        String.format(
            Locale.ROOT,
            ROW,
            "pattern",
            "all",
            "pooled = consortium",
            "best bank alone",
            "ratio",
            "at once",
            "precision"));
    for (Pattern pattern : report.patterns()) {
      text.append(
          String.format(
              Locale.ROOT,
              ROW,
              pattern.pattern(),
              pattern.instances(),
              found(pattern.pooled()),
              found(pattern.bestBank()) + " " + pattern.bestBank().who(),
              ratio(pattern),
              pattern.pooled().foundAtOnce() + " / " + atOnceAlone(pattern),
              precision(pattern.pooled()) + " / " + precision(pattern.bestBank())));
    }
    line(
        text,
        "%n  found [95 %% of resampled recalls]; at once: without a pattern's earlier records;");
    line(text, "  ratio [95 %% of resampled ratios]:");
    for (Pattern pattern : report.patterns()) {
      line(
          text,
          "    %-18s %-14s by rule %s at %d or more",
          pattern.pattern(),
          interval(pattern.ratio(), "%.1f"),
          pattern.pooled().rule(),
          pattern.pooled().limit());
    }
    line(
        text,
        "%n  %-12s %10s %12s %28s",
        "bank",
        "own alerts",
        "consortium's",
        "you would not have had (fraud)");
    for (Gain gain : report.gains()) {
      line(
          text,
          "  %-12s %10d %12d %20d (%d)",
          gain.bank(),
          gain.alone(),
          gain.together(),
          gain.more(),
          gain.moreFrauds());
    }
    LiftReport.OnShares onShares = report.onShares();
    if (onShares != null) {
      line(
          text,
          "%n  on shares: the first %d rows, evaluated by three parties; of %d flags %s",
          onShares.rows(),
          onShares.flags(),
          onShares.different() == 0 ? "none differs" : onShares.different() + " DIFFER");
    }
    return text.toString();
  }

  private static int atOnceAlone(Pattern pattern) {
    return pattern.banks().stream().mapToInt(Found::foundAtOnce).max().orElse(0);
  }

  private static String found(Found found) {
    return found.found() + " " + interval(found.interval(), "%.2f");
  }

  private static String ratio(Pattern pattern) {
    if (pattern.bestBank().found() == 0) {
      return pattern.pooled().found() == 0 ? "-" : "bank: 0";
    }
    double ratio = (double) pattern.pooled().found() / pattern.bestBank().found();
    return String.format(Locale.ROOT, "%.1f", ratio);
  }

  private static String precision(Found found) {
    return found.alerts() == 0
        ? "-"
        : String.format(Locale.ROOT, "%.2f", (double) found.frauds() / found.alerts());
  }

  private static String interval(Interval interval, String format) {
    return "[" + end(interval.from(), format) + ", " + end(interval.to(), format) + "]";
  }

  private static String end(@Nullable Double end, String format) {
    return end == null ? "any" : String.format(Locale.ROOT, format, end);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
  }

  /** A line for each pattern and side. */
  public static String csv(LiftReport report) {
    var csv =
        new StringBuilder(
            "pattern,instances,side,rule,limit,alerts,frauds,found,recall,from,to,found_at_once\n");
    for (Pattern pattern : report.patterns()) {
      csvLine(csv, pattern, pattern.pooled());
      pattern.banks().forEach(bank -> csvLine(csv, pattern, bank));
    }
    return csv.toString();
  }

  private static void csvLine(StringBuilder csv, Pattern pattern, Found found) {
    csv.append(
        String.format(
            Locale.ROOT,
            "%s,%d,%s,%s,%d,%d,%d,%d,%.4f,%.4f,%.4f,%d%n",
            pattern.pattern(),
            pattern.instances(),
            found.who(),
            found.rule(),
            found.limit(),
            found.alerts(),
            found.frauds(),
            found.found(),
            found.recall(),
            found.interval().from(),
            found.interval().to(),
            found.foundAtOnce()));
  }
}
