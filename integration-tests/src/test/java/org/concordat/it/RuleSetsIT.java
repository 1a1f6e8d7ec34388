package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.concordat.ops.Concordat;
import org.concordat.ops.check.CommittedCuts;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Progress;
import org.concordat.ops.demo.Role;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thresholds change by a later rule set while payments go on, as ops/docs/rule-sets.md says: no
 * process is restarted for it. The leader is killed as soon as the change is made. Each payment is
 * scored by the rule set of its cut, and the alerts are the oracle's.
 */
@ExtendWith(LossStays.class)
class RuleSetsIT {
  private static final int BANKS = 2;
  private static final int PAYMENTS = 12_000;
  private static final int RATE = 200;
  private static final int SCORED_BEFORE = 1_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long COMPLETE_SECONDS = 180;

  @TempDir private Path temp;

  @Test
  void thresholdsChangeAtACutWhilePaymentsGoOn() throws Exception {
    Path folder = temp.resolve("rules-live");
    try (Consortium consortium = Runs.simulated(folder, BANKS, PAYMENTS, RATE / BANKS)) {
      Path later = laterRules(folder);
      Runs.startAll(consortium);
      Runs.awaitUp(consortium, 120);
      Map<String, Long> started = processes(consortium);
      await().atMost(PATIENCE).until(() -> Progress.of(consortium).scored() > SCORED_BEFORE);
      Files.move(later, folder.resolve(ConsortiumFolder.LATER_RULES).resolve("payments-3"));

      // Any of the others: the leader itself is killed before it is asked.
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> scoresBy(consortium, "agg-2", 3));
      Role leader = consortium.role("agg-1");
      leader.kill();
      assertThat(Progress.of(consortium).sourcesFinished()).as("still under load").isFalse();
      leader.restart();

      Runs.awaitComplete(consortium, COMPLETE_SECONDS);
      Map<String, Long> now = processes(consortium);
      now.put("agg-1", started.get("agg-1"));
      assertThat(now).as("no other process was restarted").isEqualTo(started);
      Runs.requireOracles(Runs.checked(folder), PAYMENTS);
      assertThat(CommittedCuts.read(folder).ruleSets())
          .as("the batches before one cut by the first, all others by the second")
          .containsExactly(
              hash(folder.resolve(ConsortiumFolder.RULES)),
              hash(folder.resolve(ConsortiumFolder.LATER_RULES).resolve("payments-3")));
      assertThat(alertsByVersion(consortium)).containsOnlyKeys(2, 3);
    }
  }

  /** The shipped rules with other thresholds, signed by a quorum. */
  private static Path laterRules(Path folder) throws Exception {
    Path first = folder.resolve(ConsortiumFolder.RULES);
    Path later = folder.resolve("signed");
    try (Stream<Path> files = Files.walk(first)) {
      for (Path file : files.filter(f -> !f.endsWith("signatures.yaml")).toList()) {
        Files.copy(file, later.resolve(first.relativize(file).toString()));
      }
    }
    Path rules = later.resolve("rules.yaml");
    String text = Files.readString(rules);
    String changed =
        text.replace("version: 2", "version: 3")
            .replace("{feature: amount, atLeast: 600.00}", "{feature: amount, atLeast: 200.00}")
            .replace("threshold: 2.25", "threshold: 1.75");
    assertThat(changed.lines().filter(line -> !text.contains(line))).hasSize(3);
    Files.writeString(rules, changed);
    for (String bank : List.of("bank-a", "bank-b")) {
      int status =
          Concordat.run(
              "rules",
              "sign",
              later.toString(),
              "--charter",
              folder.resolve("charter.yaml").toString(),
              "--bank",
              bank,
              "--key",
              folder.resolve(bank).resolve("signing.key").toString());
      assertThat(status).isEqualTo(Concordat.DONE);
    }
    return later;
  }

  private static boolean scoresBy(Consortium consortium, String aggregator, int version) {
    return consortium
        .aggregatorMetrics(aggregator)
        .map(m -> m.sum("concordat_aggregator_rule_set", "version=\"" + version + "\""))
        .filter(scores -> scores == 1)
        .isPresent();
  }

  private static Map<String, Long> processes(Consortium consortium) {
    Map<String, Long> processes = new HashMap<>();
    consortium.roles().forEach(role -> processes.put(role.name(), role.pid()));
    return processes;
  }

  private static Digest hash(Path rules) {
    return new Digest(RuleSet.load(rules).hash());
  }

  private static Map<Integer, Long> alertsByVersion(Consortium consortium) throws Exception {
    Map<Integer, Long> alerts = new TreeMap<>();
    for (String bank : consortium.banks()) {
      Path file = consortium.folder().resolve(bank).resolve("alerts.jsonl");
      for (String line : Files.readAllLines(file)) {
        int version = new ObjectMapper().readTree(line).path("ruleSetVersion").asInt();
        alerts.merge(version, 1L, Long::sum);
      }
    }
    return alerts;
  }
}
