package org.concordat.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "alerts",
    mixinStandardHelpOptions = true,
    description = "Lists the alerts that a bank's agent has delivered to its file.")
final class AlertsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--file", required = true, paramLabel = "FILE", description = "alerts.jsonl")
  private Path file = Path.of("");

  @Option(names = "--rule", paramLabel = "NAME", description = "This rule's alerts only.")
  private String rule = "";

  @Option(names = "--json", description = "Print a line of JSON for each.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    var out = spec.commandLine().getOut();
    if (!json) {
      out.printf(
          "%-20s  %-20s  %-28s  %-12s  %s%n", "event", "reference", "rule", "score", "reasons");
    }
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode alert = JSON.readTree(line);
        if (rule.isEmpty() || alert.path("rule").asText().equals(rule)) {
          if (json) {
            out.println(line);
          } else {
            row(out, alert);
          }
        }
      }
    }
    out.flush();
    return Concordat.DONE;
  }

  private static void row(java.io.PrintWriter out, JsonNode alert) {
    List<String> reasons = new ArrayList<>();
    alert.path("reasons").forEach(reason -> reasons.add(reason.path("text").asText()));
    out.printf(
        "%-20s  %-20s  %-28s  %-12s  %s%n",
        Instant.ofEpochSecond(alert.path("eventMinute").asLong() * 60),
        alert.path("reference").asText(),
        alert.path("rule").asText(),
        alert.path("score").isNull() ? "-" : alert.path("score").asText(),
        String.join("; ", reasons));
  }
}
