package org.concordat.ops.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.concordat.ops.consortium.ShippedRules;
import picocli.CommandLine.Help.Ansi;

/** Shows a demo: redrawn in place on a terminal, a line every few seconds elsewhere. */
final class LiveView {
  private static final Duration LINE_EVERY = Duration.ofSeconds(3);

  private final PrintWriter out;
  private final int columns;
  private final boolean terminal;
  private final boolean silent;
  private final long started = System.nanoTime();
  private long lastLine;
  private int drawn;

  /**
   * @param columns of the terminal
   */
  LiveView(PrintWriter out, int columns, boolean silent) {
    this.columns = columns;
    this.out = out;
    this.silent = silent;
    this.terminal = Ansi.AUTO.enabled() && !silent;
  }

  void say(String text) {
    if (!silent) {
      out.println(Ansi.AUTO.string("@|bold " + text + "|@"));
      out.flush();
    }
  }

  void show(Progress p, List<String> latestAlerts) {
    if (silent) {
      return;
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    if (terminal) {
      redraw(p, latestAlerts, seconds);
    } else if (System.nanoTime() - lastLine > LINE_EVERY.toNanos()) {
      lastLine = System.nanoTime();
      out.printf(
          Locale.ROOT,
          "%6.1f s  rows %,d  blocks %,d  scored %,d  batches %,d  flags %,d  alerts %,d  lag %.1f"
              + " s%n",
          seconds,
          p.accepted(),
          p.blocks(),
          p.scored(),
          p.batches(),
          p.flags(),
          p.alertCount(),
          p.lagSeconds());
      out.flush();
    }
  }

  private void redraw(Progress p, List<String> latestAlerts, double seconds) {
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A");
    }
    String alerts =
        p.alerts().entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining("   "));
    var lines = new ArrayList<String>();
    Collections.addAll(
        lines,
        String.format(
            Locale.ROOT, "  %-22s %,12d   refused %,d", "rows taken", p.accepted(), p.refused()),
        String.format(
            Locale.ROOT,
            "  %-22s %,12d   to 3 aggregators each",
            "blocks of shares out",
            p.blocks()),
        String.format(
            Locale.ROOT,
            "  %-22s %,12d   in %,d batches",
            "rows scored on shares",
            p.scored(),
            p.batches()),
        String.format(Locale.ROOT, "  %-22s %,12d", "flags opened", p.flags()),
        String.format(Locale.ROOT, "  %-22s %12s   %s", "alerts delivered", p.alertCount(), alerts),
        String.format(
            Locale.ROOT,
            "  %-22s %10.1f s   after %.0f s",
            "oldest unscored row",
            p.lagSeconds(),
            seconds),
        "");
    // As many lines each time, so that redrawing never moves what stands above.
    for (int i = 0; i < DeliveredAlerts.LATEST; i++) {
      lines.add(i < latestAlerts.size() ? "  " + cut(latestAlerts.get(i)) : "");
    }
    for (String line : lines) {
      out.print("\u001b[2K" + line + "\n");
    }
    drawn = lines.size();
    out.flush();
  }

  /** A line that wrapped would be counted wrongly. */
  private String cut(String line) {
    int charsMax = columns - 4;
    return line.length() <= charsMax ? line : line.substring(0, charsMax - 1) + "…";
  }

  void done() {
    drawn = 0;
  }

  void verdict(String line, boolean holds, Path folder, List<String> alerts) {
    try {
      JsonNode json = new ObjectMapper().readTree(line);
      out.printf(
          Locale.ROOT,
          "%n  %,d payments: %,d scored, %,d refused, %,d duplicates, %,d skipped, %,d lost%n",
          json.path("transactions").asLong(),
          json.path("scored").asLong(),
          json.path("refused").asLong(),
          json.path("duplicates").asLong(),
          json.path("skipped").asLong(),
          json.path("lost").asLong());
      out.printf(
          Locale.ROOT,
          "  %,d alerts on shares, %,d by the plaintext oracle: %,d missing, %,d extra, %,d"
              + " different%n%n",
          json.path("alerts").asLong(),
          json.path("oracle").asLong(),
          json.path("missing").asLong(),
          json.path("extra").asLong(),
          json.path("different").asLong());
      out.printf("  %-32s %8s %8s%n", "rule", "alerts", "alone");
      json.path("alertsByRule")
          .fields()
          .forEachRemaining(
              rule ->
                  out.printf(
                      Locale.ROOT,
                      "  %-32s %,8d %,8d%n",
                      rule.getKey(),
                      rule.getValue().asLong(),
                      json.path("onlyByRule").path(rule.getKey()).asLong()));
      out.println("\n  One alert of each rule, as its bank's fraud team gets it:");
      alerts.forEach(alert -> out.println("  " + alert));
      Path dashboards = ShippedRules.home().resolve("ops/dashboards");
      out.println("\n  Dashboards to watch a consortium with Grafana: " + dashboards);
      out.println(
          Ansi.AUTO.string(
              holds
                  ? "\n@|bold,green The alerts are the oracle's, and every row is accounted for.|@"
                  : "\n@|bold,red The check found differences:|@ " + line));
    } catch (IOException e) {
      out.println("The check failed; its output is in " + folder.resolve("check.json") + ":");
      out.println(line);
    }
    out.flush();
  }
}
