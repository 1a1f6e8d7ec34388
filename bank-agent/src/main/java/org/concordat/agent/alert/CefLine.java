package org.concordat.agent.alert;

import java.time.Instant;
import java.util.stream.Collectors;
import org.concordat.schemas.record.Alert;
import org.concordat.schemas.record.Reason;
import org.concordat.schemas.record.Verification;

/** An alert in ArcSight's Common Event Format, version 0. */
final class CefLine {
  private static final String SEVERITY = "5";

  private CefLine() {}

  static String of(Alert alert) {
    var line = new StringBuilder("CEF:0");
    for (String field :
        new String[] {
          "Concordat",
          "bank-agent",
          Integer.toString(alert.getRuleSetVersion()),
          alert.getRule(),
          alert.getRuleTitle(),
          SEVERITY
        }) {
      line.append('|').append(header(field));
    }
    line.append('|');
    add(line, "externalId", alert.getId());
    add(line, "rt", Long.toString(alert.getCommittedMillis()));
    add(line, "start", Instant.ofEpochSecond(alert.getEventMinute() * 60).toString());
    add(line, "cs1Label", "reference");
    add(line, "cs1", alert.getReference());
    add(line, "cs2Label", "mode");
    add(line, "cs2", alert.getMode());
    add(line, "cs3Label", "verified");
    add(line, "cs3", Boolean.toString(alert.getVerification() == Verification.VERIFIED));
    if (alert.getScore() != null) {
      add(line, "cs4Label", "score");
      add(line, "cs4", alert.getScore());
    }
    add(
        line,
        "msg",
        alert.getReasons().stream().map(Reason::getText).collect(Collectors.joining("; ")));
    return line.toString().stripTrailing();
  }

  private static void add(StringBuilder line, String key, String value) {
    line.append(key).append('=').append(extension(value)).append(' ');
  }

  /** In the header a pipe and a backslash are escaped, and there are no line breaks. */
  static String header(String text) {
    return text.replace("\\", "\\\\").replace("|", "\\|").replaceAll("\\p{Cntrl}", " ");
  }

  /** In the extension an equals sign, a backslash and line breaks are escaped. */
  static String extension(String text) {
    return text.replace("\\", "\\\\")
        .replace("=", "\\=")
        .replace("\r", "\\r")
        .replace("\n", "\\n")
        .replaceAll("\\p{Cntrl}", " ");
  }
}
