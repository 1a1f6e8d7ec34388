package org.concordat.ops;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The fraud team's work with a running agent: {@code concordat alerts list} and so on. */
final class DeskCommands {
  private DeskCommands() {}

  /** What all of them have. */
  private abstract static class Order implements Callable<Integer> {
    @Spec CommandSpec spec = CommandSpec.create();
    @Mixin DeskClient client = new DeskClient();

    abstract void run(PrintWriter out) throws Exception;

    @Override
    public Integer call() throws Exception {
      PrintWriter out = spec.commandLine().getOut();
      try {
        run(out);
      } catch (DeskClient.RefusedException e) {
        spec.commandLine().getErr().println(e.getMessage());
        spec.commandLine().getErr().flush();
        return Concordat.FAILED;
      } finally {
        out.flush();
      }
      return Concordat.DONE;
    }

    void print(PrintWriter out, JsonObject answer, Runnable people) {
      if (client.json()) {
        out.println(answer.encode());
      } else {
        people.run();
      }
    }
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists items: all alerts of a payment are one item.")
  static final class ListItems extends Order {
    @Mixin private DeskFilter filter = new DeskFilter();

    @Option(names = "--limit", paramLabel = "N", description = "At most; 500 are shown otherwise.")
    private int limit = PAGE;

    private static final int PAGE = 500;

    @Override
    void run(PrintWriter out) throws Exception {
      var printer = new DeskPrinter(out);
      if (!client.json()) {
        printer.header();
      }
      Optional<String> cursor = Optional.empty();
      int left = limit;
      do {
        Map<String, Optional<String>> query = new LinkedHashMap<>(filter.query());
        query.put("limit", Optional.of(Integer.toString(Math.min(left, PAGE))));
        query.put("cursor", cursor);
        JsonObject page = client.get("/v1/alerts", query);
        print(out, page, () -> printer.rows(page.getJsonArray("items")));
        left -= page.getJsonArray("items").size();
        cursor = Optional.ofNullable(page.getString("next"));
      } while (cursor.isPresent() && left > 0);
    }
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows all of an item: reasons, scores, what added most, the payment itself.")
  static final class Show extends Order {
    @Parameters(index = "0", paramLabel = "ID", description = "The item's id.")
    private String id = "";

    @Override
    void run(PrintWriter out) throws Exception {
      JsonObject item = client.get("/v1/alerts/" + DeskClient.encoded(id), Map.of());
      print(out, item, () -> new DeskPrinter(out).item(item));
    }
  }

  @Command(
      name = "follow",
      mixinStandardHelpOptions = true,
      description = "Prints items as alerts come, until interrupted.")
  static final class Follow extends Order {
    @Mixin private DeskFilter filter = new DeskFilter();

    @Option(
        names = "--after",
        paramLabel = "N",
        description = "From this place of the stream on; from now on if it is left out.")
    private Optional<Long> after = Optional.empty();

    @Option(names = "--once", description = "Ends after the first answer with items.")
    private boolean once;

    @Override
    void run(PrintWriter out) throws Exception {
      var printer = new DeskPrinter(out);
      if (!client.json()) {
        printer.header();
        out.flush();
      }
      Optional<Long> place = after;
      boolean shown = false;
      while (!(once && shown) && !out.checkError()) {
        Map<String, Optional<String>> query = new LinkedHashMap<>(filter.query());
        query.put("after", place.map(number -> Long.toString(number)));
        JsonObject answer;
        try {
          answer = client.get("/v1/alerts/stream", query);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        place = Optional.of(answer.getLong("after"));
        if (!answer.getJsonArray("items").isEmpty()) {
          shown = true;
          print(out, answer, () -> printer.rows(answer.getJsonArray("items")));
        }
      }
    }
  }

  @Command(
      name = "verdict",
      mixinStandardHelpOptions = true,
      description = "Says what an item was; the last verdict holds.")
  static final class Judge extends Order {
    @Parameters(index = "0", paramLabel = "ID", description = "The item's id.")
    private String id = "";

    @Parameters(index = "1", paramLabel = "VERDICT", description = "fraud, false-alarm or unsure.")
    private String verdict = "";

    @Option(names = "--note", paramLabel = "TEXT", description = "Why, for colleagues.")
    private String note = "";

    @Override
    void run(PrintWriter out) throws Exception {
      var body = new JsonObject().put("verdict", verdict).put("note", note);
      String path = "/v1/alerts/" + DeskClient.encoded(id) + "/verdict";
      JsonObject item = client.post(path, body);
      print(out, item, () -> new DeskPrinter(out).line("state", item.getString("state")));
    }
  }

  @Command(
      name = "snooze",
      mixinStandardHelpOptions = true,
      description = "Mutes a rule, an account or an item for a while; without one lists snoozes.")
  static final class SnoozeFor extends Order {
    @Option(names = "--rule", paramLabel = "RULE", description = "Mutes this rule.")
    private Optional<String> rule = Optional.empty();

    @Option(names = "--account", paramLabel = "ACCOUNT", description = "Mutes this account.")
    private Optional<String> account = Optional.empty();

    @Option(names = "--item", paramLabel = "ID", description = "Mutes this item.")
    private Optional<String> item = Optional.empty();

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why.")
    private Optional<String> reason = Optional.empty();

    @Option(
        names = "--for",
        paramLabel = "DURATION",
        description = "How long, such as PT8H or P3D; at most 90 days.")
    private Optional<String> duration = Optional.empty();

    @Option(names = "--end", paramLabel = "SNOOZE", description = "Ends this snooze now.")
    private Optional<String> end = Optional.empty();

    @Override
    void run(PrintWriter out) throws Exception {
      if (end.isPresent()) {
        JsonObject ended = client.delete("/v1/snoozes/" + DeskClient.encoded(end.get()));
        print(out, ended, () -> row(out, ended));
        return;
      }
      if (rule.isEmpty() && account.isEmpty() && item.isEmpty()) {
        JsonObject all = client.get("/v1/snoozes", Map.of());
        print(
            out,
            all,
            () -> all.getJsonArray("snoozes").forEach(each -> row(out, (JsonObject) each)));
        return;
      }
      var body = new JsonObject().put("reason", reason.orElse("")).put("until", until());
      rule.ifPresent(text -> body.put("rule", text));
      account.ifPresent(text -> body.put("account", text));
      item.ifPresent(text -> body.put("item", text));
      JsonObject snooze = client.post("/v1/snoozes", body);
      print(out, snooze, () -> row(out, snooze));
    }

    private String until() {
      try {
        Duration length = Duration.parse(duration.orElse(""));
        return Instant.now().plus(length).toString();
      } catch (DateTimeParseException | ArithmeticException e) {
        throw new ParameterException(
            spec.commandLine(), "Give --for as a duration such as PT8H or P3D.");
      }
    }

    private static void row(PrintWriter out, JsonObject snooze) {
      out.printf(
          "%s  %s %s until %s by %s, muted %d%s: %s%n",
          snooze.getString("id"),
          snooze.getString("scope"),
          DeskPrinter.printable(snooze.getString("target")),
          snooze.getString("until"),
          snooze.getString("by"),
          snooze.getLong("muted"),
          snooze.getBoolean("inForce") ? "" : ", over",
          DeskPrinter.printable(snooze.getString("reason")));
    }
  }

  @Command(
      name = "precision",
      mixinStandardHelpOptions = true,
      description = "How often each rule was right at this bank, by the verdicts given.")
  static final class ShowPrecision extends Order {
    private static final String ROW = "%-32s  %9s  %7s  %11s  %7s  %7s%n";

    @Override
    void run(PrintWriter out) throws Exception {
      JsonObject answer = client.get("/v1/precision", Map.of());
      print(
          out,
          answer,
          () -> {
            out.printf(ROW, "rule", "precision", "fraud", "false alarm", "unsure", "open");
            answer
                .getJsonArray("rules")
                .forEach(
                    each -> {
                      var rule = (JsonObject) each;
                      Double precision = rule.getDouble("precision");
                      out.printf(
                          ROW,
                          rule.getString("rule"),
                          precision == null
                              ? "-"
                              : String.format(java.util.Locale.ROOT, "%.4f", precision),
                          rule.getLong("fraud"),
                          rule.getLong("falseAlarm"),
                          rule.getLong("unsure"),
                          rule.getLong("open"));
                    });
          });
    }
  }
}
