package org.concordat.agent.alert;

import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;

/** Prints alerts: a table for people, or a line of JSON for each. */
final class ConsoleSink implements AlertSink {
  private static final int HEADER_EVERY = 40;

  private final PrintStream out;
  private final boolean json;
  private long printed;

  ConsoleSink(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  @Override
  public void deliver(List<Alert> alerts) {
    for (Alert alert : alerts) {
      if (json) {
        out.println(AlertJson.line(alert));
      } else {
        row(alert);
      }
    }
    out.flush();
  }

  private void row(Alert alert) {
    if (printed++ % HEADER_EVERY == 0) {
      out.printf(
          Locale.ROOT,
          "%-20s  %-20s  %-28s  %-12s  %s%n",
          "event",
          "reference",
          "rule",
          "score",
          "reasons");
    }
    String unverified = alert.getVerification() == Verification.VERIFIED ? "" : " (unverified)";
    out.printf(
        Locale.ROOT,
        "%-20s  %-20s  %-28s  %-12s  %s%s%n",
        Instant.ofEpochSecond(alert.getEventMinute() * 60),
        printable(alert.getReference()),
        alert.getRule(),
        alert.getScore() == null ? "-" : alert.getScore(),
        alert.getReasons().stream().map(Reason::getText).collect(Collectors.joining("; ")),
        unverified);
  }

  /** A reference comes from a file: it must not steer the terminal. */
  private static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public void close() {
    out.flush();
  }
}
