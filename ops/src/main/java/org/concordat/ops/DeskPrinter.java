package org.concordat.ops;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Items as people read them. Texts come from payments: they must not steer the terminal. */
final class DeskPrinter {
  private static final String ROW = "%-20s  %-32s  %-8s  %-8s  %-20s  %-20s  %s%n";

  private final PrintWriter out;

  DeskPrinter(PrintWriter out) {
    this.out = out;
  }

  static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  void header() {
    out.printf(ROW, "event", "id", "state", "priority", "reference", "account", "reasons");
  }

  void rows(JsonArray items) {
    for (Object each : items) {
      var item = (JsonObject) each;
      out.printf(
          ROW,
          item.getString("eventAt"),
          item.getString("id"),
          item.getString("state"),
          item.getString("priority"),
          printable(item.getString("reference")),
          printable(item.getString("account", "-")),
          printable(joined(item.getJsonArray("reasons")))
              + (item.getBoolean("verified") ? "" : " (unverified)")
              + (item.containsKey("paymentStatus")
                  ? " (" + item.getString("paymentStatus") + ")"
                  : ""));
    }
    out.flush();
  }

  /** A line for each recall or return of a payment. */
  static List<String> notices(JsonObject payment) {
    var lines = new ArrayList<String>();
    for (Object each : payment.getJsonArray("notices", new JsonArray())) {
      var notice = (JsonObject) each;
      var line = new StringBuilder(notice.getString("takenAt") + "  " + notice.getString("kind"));
      for (String name : List.of("reason", "reasonText", "amount", "currency", "message")) {
        line.append(notice.containsKey(name) ? "  " + notice.getString(name) : "");
      }
      lines.add(printable(line.toString()));
    }
    return lines;
  }

  private static String joined(JsonArray texts) {
    return texts.stream().map(Object::toString).collect(Collectors.joining("; "));
  }

  void item(JsonObject item) {
    line("id", item.getString("id"));
    line("state", item.getString("state"));
    line("priority", item.getString("priority"));
    line("reference", item.getString("reference"));
    line("account", item.getString("account", "-"));
    line("event", item.getString("eventAt"));
    line("group", item.getString("group"));
    item.getJsonObject("transaction")
        .getJsonArray("features")
        .forEach(
            each -> {
              var feature = (JsonObject) each;
              line(
                  "  " + feature.getString("feature"),
                  (feature.getString("value") + " " + feature.getString("unit")).strip());
            });
    item.getJsonArray("alerts").forEach(each -> alert((JsonObject) each));
    notices(item).forEach(notice -> line("notice", notice));
    item.getJsonArray("verdicts")
        .forEach(
            each -> {
              var verdict = (JsonObject) each;
              line(
                  "verdict",
                  "%s by %s at %s %s"
                      .formatted(
                          verdict.getString("verdict"),
                          verdict.getString("by"),
                          verdict.getString("at"),
                          verdict.getString("note"))
                      .strip());
            });
    out.flush();
  }

  private void alert(JsonObject alert) {
    String score =
        alert.containsKey("score")
            ? ", score " + alert.getString("score") + " of " + alert.getString("threshold")
            : "";
    line(
        "alert",
        alert.getString("rule")
            + ": "
            + alert.getString("title")
            + score
            + (alert.getBoolean("verified") ? "" : " (unverified)"));
    alert
        .getJsonArray("reasons")
        .forEach(reason -> line("  reason", ((JsonObject) reason).getString("text")));
    alert
        .getJsonArray("contributions", new JsonArray())
        .forEach(
            each -> {
              var part = (JsonObject) each;
              line("  " + part.getString("feature"), part.getString("points") + " points");
            });
  }

  void line(String name, String text) {
    out.printf("%-28s  %s%n", printable(name), printable(text));
  }
}
