package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.ops.Concordat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's alerts are the plaintext oracle's on public payments; on simulated ones {@link
 * ReleaseIT} holds the same of the demo of a release. Of the file's 111,161 payments the first
 * 20,000, and all with {@code -Plong}.
 */
class DemoIT {
  /** Of payments: a part of what the project promises, or all of it. */
  static final boolean FULL = "full".equals(System.getProperty("concordat.it.load"));

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAYMENTS = FULL ? 111_161 : 20_000;

  /** That fewer payments show it isn't promised: on plaintext a unit test holds it of all. */
  private static final int ONLY_BY_RULE_MIN = FULL ? 20 : 0;

  private static final int RECOMPUTED_MIN = 20;
  private static final int RULES_MIN = 6;

  @TempDir private Path temp;

  @Test
  void theTransfersOfTenBanks() throws Exception {
    Path payments = first(SharedData.file("payments-10-banks/transactions.csv"));
    Path folder = temp.resolve("transfers");
    JsonNode result =
        demo(
            "--rules",
            "transfers",
            "--payments",
            payments.toString(),
            "--json",
            "--dir",
            folder.toString());
    assertThat(result.path("transactions").asLong()).isEqualTo(PAYMENTS);
    holds(result, folder);
    Set<String> recomputed = recompute(payments);
    Set<String> delivered = new TreeSet<>();
    for (JsonNode alert : alerts(folder)) {
      String rule = alert.path("rule").asText();
      if (rule.equals("large-transfer") || rule.equals("watched-bank")) {
        delivered.add(rule + " " + alert.path("reference").asText());
      }
    }
    assertThat(delivered).isEqualTo(recomputed).hasSizeGreaterThan(RECOMPUTED_MIN);
  }

  /** A file's header and its first payments. */
  private Path first(Path all) throws IOException {
    Path first = temp.resolve("transactions.csv");
    try (var lines = Files.lines(all)) {
      Files.write(first, (Iterable<String>) lines.limit(1L + PAYMENTS)::iterator);
    }
    return first;
  }

  /** What every demo that is large enough has to show, by its result and what it leaves. */
  static void holds(JsonNode result, Path folder) throws IOException {
    assertThat(result.path("missing").asLong()).isZero();
    assertThat(result.path("extra").asLong()).isZero();
    assertThat(result.path("different").asLong()).isZero();
    assertThat(result.path("alerts")).isEqualTo(result.path("oracle"));
    assertThat(result.path("submitted").asLong())
        .isEqualTo(result.path("scored").asLong() + result.path("refused").asLong());
    assertThat(result.path("skipped").asLong()).isZero();
    assertThat(result.path("lost").asLong(-1)).isZero();
    assertThat(result.path("onlyByRule").size()).isGreaterThanOrEqualTo(RULES_MIN);
    result
        .path("alertsByRule")
        .fieldNames()
        .forEachRemaining(
            rule ->
                assertThat(result.path("onlyByRule").path(rule).asLong())
                    .as("payments that only %s flags", rule)
                    .isGreaterThanOrEqualTo(ONLY_BY_RULE_MIN));
    Set<String> flagged = new HashSet<>();
    for (JsonNode alert : alerts(folder)) {
      flagged.add(alert.path("bank").asText() + "/" + alert.path("reference").asText());
    }
    double share = flagged.size() / (double) result.path("transactions").asLong();
    assertThat(share).as("flagged payments").isBetween(0.001, 0.05);
  }

  private static List<JsonNode> alerts(Path folder) throws IOException {
    List<JsonNode> alerts = new java.util.ArrayList<>();
    try (var files = Files.find(folder, 2, (f, a) -> f.endsWith("alerts.jsonl"))) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file)) {
          alerts.add(JSON.readTree(line));
        }
      }
    }
    return alerts;
  }

  private JsonNode demo(String... options) throws Exception {
    String[] args = new String[options.length + 1];
    args[0] = "demo";
    System.arraycopy(options, 0, args, 1, options.length);
    List<String> lines = Runs.command(temp.resolve("demo.log"), Concordat.DONE, args);
    return JSON.readTree(lines.getLast());
  }

  private static Set<String> recompute(Path payments) throws Exception {
    Path home = Path.of(System.getProperty("concordat.home", ".."));
    Process script =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                home.resolve("integration-tests/src/test/scripts/Recompute.java").toString(),
                payments.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var lines = script.inputReader()) {
      Set<String> flags = new TreeSet<>(lines.lines().toList());
      assertThat(script.waitFor()).isZero();
      return flags;
    }
  }
}
