package org.concordat.ops.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each alert rule has a runbook and a test, asks for metrics that exist, and does what it says. */
class AlertRulesTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Path RULES = Path.of("alerts");
  private static final Path RUNBOOKS = Path.of("docs/runbooks");

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static List<JsonNode> rules() throws IOException {
    List<JsonNode> rules = new ArrayList<>();
    for (Path file : files(RULES)) {
      for (JsonNode group : YAML.readTree(file.toFile()).path("groups")) {
        group.path("rules").forEach(rules::add);
      }
    }
    return rules;
  }

  private static List<JsonNode> alerts() throws IOException {
    return rules().stream().filter(rule -> rule.has("alert")).toList();
  }

  @Test
  void eachHasItsRunbook() throws IOException {
    Set<String> pages = new TreeSet<>(List.of("README.md"));
    String index = Files.readString(RUNBOOKS.resolve("README.md"));
    for (JsonNode alert : alerts()) {
      String name = alert.path("alert").asText();
      String runbook = alert.path("annotations").path("runbook").asText();
      assertThat(runbook).as(name).startsWith("ops/docs/runbooks/");
      Path page = Path.of("..").resolve(runbook);
      String text = Files.readString(page);
      pages.add(page.getFileName().toString());
      assertThat(text)
          .as("the runbook of %s", name)
          .startsWith("# " + name + "\n")
          .contains("\n" + alert.path("expr").asText().strip() + "\n")
          .contains("Severity: " + alert.path("labels").path("severity").asText())
          .contains("## Symptom", "## Who is concerned", "## Check", "## Fix", "## What not to do");
      assertThat(index).contains("[" + name + "](" + page.getFileName() + ")");
      assertThat(alert.path("labels").path("concerns").asText()).as(name).isNotEmpty();
      assertThat(alert.path("annotations").path("summary").asText()).as(name).isNotEmpty();
    }
    try (Stream<Path> found = Files.list(RUNBOOKS)) {
      assertThat(found.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(pages);
    }
  }

  @Test
  void eachHasATestThatFiresAndOneThatDoesNot() throws IOException {
    Set<String> fired = new HashSet<>();
    Set<String> still = new HashSet<>();
    for (Path file : files(RULES.resolve("tests"))) {
      for (JsonNode test : YAML.readTree(file.toFile()).path("tests")) {
        for (JsonNode moment : test.path("alert_rule_test")) {
          String name = moment.path("alertname").asText();
          (moment.path("exp_alerts").isEmpty() ? still : fired).add(name);
        }
      }
    }
    for (JsonNode alert : alerts()) {
      assertThat(fired).contains(alert.path("alert").asText());
      assertThat(still).contains(alert.path("alert").asText());
    }
  }

  @Test
  void theyAskForMetricsThatExist() throws IOException {
    Set<String> known = KnownMetrics.read();
    for (JsonNode rule : rules()) {
      if (rule.has("record")) {
        known.add(rule.path("record").asText());
      }
    }
    for (JsonNode rule : rules()) {
      String expr = rule.path("expr").asText();
      assertThat(known).as(expr).containsAll(KnownMetrics.namedIn(expr));
    }
  }

  @Test
  void promtoolAgrees() throws IOException, InterruptedException {
    Optional<Path> promtool = Promtool.find();
    assumeTrue(promtool.isPresent(), "no promtool: install prometheus, or set CONCORDAT_PROMTOOL");
    List<String> check = new ArrayList<>(List.of("check", "rules"));
    files(RULES).forEach(file -> check.add(file.toString()));
    assertThat(Promtool.run(promtool.get(), check)).startsWith("0\n");
    assertThat(
            Promtool.run(
                promtool.get(),
                List.of("check", "config", "--syntax-only", "dashboards/prometheus.yaml")))
        .startsWith("0\n");
    List<String> test = new ArrayList<>(List.of("test", "rules"));
    files(RULES.resolve("tests")).forEach(file -> test.add(file.toString()));
    assertThat(Promtool.run(promtool.get(), test)).startsWith("0\n");
  }
}
