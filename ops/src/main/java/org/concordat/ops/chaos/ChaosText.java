package org.concordat.ops.chaos;

import java.util.Locale;
import java.util.Map;
import org.concordat.ops.demo.MemoryUse;

/** A report for a terminal. */
public final class ChaosText {
  /** The verdict where rows or alerts aren't the oracle's. */
  public static final String DIFFERENCES = "The check found differences.";

  /** How the verdict begins where they are; a run may fail for other reasons. */
  public static final String ORACLES =
      "The alerts are the oracle's, and every row is accounted for";

  /** Said of each process that ended though nobody told it to. */
  public static final String ENDED = "ended by itself";

  /** Said of each process that had more resident than it may. */
  public static final String BEYOND = "took more memory than it may";

  private ChaosText() {}

  /** The table of kinds, and what the check said. */
  static String text(ChaosReport report) {
    var text = new StringBuilder();
    line(
        text,
        "%n  %-16s %7s %9s   %s",
        "fault",
        "times",
        "between*",
        "scoring again after, p50 / p95 / most");
    for (ChaosReport.Tally tally : report.tallies()) {
      line(
          text,
          "  %-16s %7d %9d   %5.1f s / %5.1f s / %5.1f s",
          tally.kind().label(),
          tally.count(),
          tally.between(),
          tally.percentile(50),
          tally.percentile(95),
          tally.percentile(100));
    }
    line(text, "  * between prepare and commit of a batch%n");
    line(
        text,
        "  Scoring went on after %d kills in %.1f s (p50), %.1f s (p95).",
        report.killed().size(),
        ChaosReport.percentile(report.killed(), 50),
        ChaosReport.percentile(report.killed(), 95));
    for (Watch.Ended ended : report.ended()) {
      line(
          text,
          "  %s %s with status %d after %.1f s.",
          ended.name(),
          ENDED,
          ended.status(),
          report.second(ended.millis()));
    }
    for (Outcome outcome : report.outcomes()) {
      if (!outcome.inOrder()) {
        line(
            text,
            "  Fault %d: %s didn't stop in order.",
            outcome.fault().number(),
            outcome.fault().target());
      }
    }
    line(
        text, "  Resident at most, of what each may have: %s", MemoryUse.describe(report.memory()));
    for (Map.Entry<String, MemoryUse> process : report.memory().entrySet()) {
      if (!process.getValue().isWithin()) {
        line(text, "  %s %s.", process.getKey(), BEYOND);
      }
    }
    var check = report.check();
    line(
        text,
        "  %,d payments: %,d scored, %,d lost, %,d altered; %,d alerts, %,d by the oracle: %,d"
            + " missing, %,d extra, %,d different",
        check.path("transactions").asLong(),
        check.path("scored").asLong(),
        check.path("lost").asLong(),
        check.path("altered").asLong(),
        check.path("alerts").asLong(),
        check.path("oracle").asLong(),
        check.path("missing").asLong(),
        check.path("extra").asLong(),
        check.path("different").asLong());
    line(text, "%n%s", verdict(report));
    return text.toString();
  }

  private static String verdict(ChaosReport report) {
    if (!report.alertsHold()) {
      return DIFFERENCES;
    }
    if (!report.complete()) {
      return ORACLES + ", but the agents never told that nothing is under way any more.";
    }
    if (!report.inOrder()) {
      return ORACLES + ", but a process ended where it should not have.";
    }
    if (!report.boundedMemory()) {
      return ORACLES + ", but a process " + BEYOND + ".";
    }
    return ORACLES + (report.enough() ? "." : ", but too few faults fell where they should.");
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
