package org.concordat.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "alerts",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the alerts in alerts.jsonl, as a bank's agent has written them.",
      "The subcommands ask a running agent, and work with what it has."
    },
    subcommands = {
      DeskCommands.ListItems.class,
      DeskCommands.Show.class,
      DeskCommands.Follow.class,
      DeskCommands.Judge.class,
      DeskCommands.SnoozeFor.class,
      DeskCommands.ShowPrecision.class
    })
final class AlertsCommand implements Callable<Integer> {
  /** An alert is far shorter. */
  static final int LINE_BYTES_MAX = 1 << 20;

  private static final long POLL_MILLIS = 200;
  private static final int HEADER_EVERY = 40;
  private static final String ROW = "%-20s  %-24s  %-28s  %-12s  %s%n";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--dir", paramLabel = "DIR", description = "The bank's folder.")
  private Optional<Path> folder = Optional.empty();

  @Option(names = "--file", paramLabel = "FILE", description = "Instead of --dir: alerts.jsonl")
  private Optional<Path> named = Optional.empty();

  @Option(names = "--rule", paramLabel = "RULE", description = "Of this rule only.")
  private Optional<String> rule = Optional.empty();

  @Option(names = "--json", description = "The lines of JSON as they are.")
  private boolean json;

  @Option(names = "--follow", description = "Wait for more until interrupted.")
  private boolean follow;

  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long shown;
  private long malformed;

  @Override
  public Integer call() throws IOException {
    if (folder.isPresent() == named.isPresent()) {
      throw new ParameterException(spec.commandLine(), "Give either --dir or --file.");
    }
    Path file =
        Inputs.existingFile(
            named.or(() -> folder.map(bank -> bank.resolve("alerts.jsonl"))).orElseThrow());
    PrintWriter out = spec.commandLine().getOut();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      read(in, out);
      while (follow && !out.checkError()) {
        Thread.sleep(POLL_MILLIS);
        read(in, out);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    out.flush();
    if (malformed > 0) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(malformed + " lines of " + file + " are not alerts.");
      err.flush();
      return Concordat.FAILED;
    }
    return Concordat.DONE;
  }

  /** Reads to the end of what is there; the rest of a line that isn't complete stays for later. */
  private void read(InputStream in, PrintWriter out) throws IOException {
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        if (line.size() <= LINE_BYTES_MAX) {
          line.write(next);
        }
        continue;
      }
      if (line.size() > 0) {
        show(line.size() > LINE_BYTES_MAX ? "" : line.toString(StandardCharsets.UTF_8), out);
      }
      line.reset();
    }
    out.flush();
  }

  private void show(String text, PrintWriter out) {
    JsonNode alert;
    try {
      alert = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      malformed++;
      return;
    }
    if (!alert.path("rule").isTextual() || !alert.path("eventMinute").isIntegralNumber()) {
      malformed++;
      return;
    }
    if (rule.isPresent() && !rule.get().equals(alert.get("rule").textValue())) {
      return;
    }
    if (json) {
      out.println(text);
    } else {
      row(alert, out);
    }
  }

  private void row(JsonNode alert, PrintWriter out) {
    if (shown++ % HEADER_EVERY == 0) {
      out.printf(ROW, "event", "reference", "rule", "score", "reasons");
    }
    String reasons =
        alert
            .path("reasons")
            .valueStream()
            .map(reason -> reason.path("text").asText())
            .collect(Collectors.joining("; "));
    boolean verified = alert.path("verification").asText().equals("VERIFIED");
    out.printf(
        ROW,
        Instant.ofEpochSecond(alert.get("eventMinute").longValue() * 60),
        alert.path("reference").asText(),
        alert.get("rule").textValue(),
        alert.path("score").isValueNode() && !alert.get("score").isNull()
            ? alert.get("score").asText()
            : "-",
        reasons + (verified ? "" : " (unverified)"));
  }
}
