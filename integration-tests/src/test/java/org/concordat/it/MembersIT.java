package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.concordat.ops.Concordat;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.concordat.ops.simulate.PaymentSimulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bank joins a running consortium and another one leaves, by the commands of ops/docs/members.md,
 * while the others' payments go on. Broker, aggregators and an agent stop in order under load, with
 * several batches in flight, and in the end all stop without a broker.
 */
@ExtendWith(LossStays.class)
class MembersIT {
  private static final int RATE = 140;

  /** Longer than it takes until the joining bank's agent starts. */
  private static final int SECONDS_MAX = 300;

  private static final int JOINING = 600;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path temp;

  @Test
  void aBankJoinsAndAnotherLeavesWhileTheOthersGoOn() throws Exception {
    Path folder = temp.resolve("members");
    try (SteadyLoad load = SteadyLoad.create(folder, 2, 1, RATE, SECONDS_MAX)) {
      Consortium consortium = load.consortium();
      Runs.largerBlocks(consortium);
      // The default where aggregators have machines of their own.
      Consortium.setBatchesInFlight(folder, 4);
      List<String> rows = joiningRows();
      consortium.startBroker();
      consortium.startAggregators();
      load.startAgents();
      Runs.awaitUp(consortium, 120);

      join(folder);
      force(consortium, folder.resolve("next/charter.yaml"), true);
      OrderlyStops.restart(consortium, "bank-a");
      append(folder, rows.subList(0, 1 + JOINING / 2));
      consortium.startAgent("bank-c");
      load.end();
      awaitScored(consortium, "bank-c", JOINING / 2);
      long others = load.settle();
      Runs.requireOracles(Runs.checked(folder), others + JOINING / 2);

      consortium.stop("bank-b");
      leave(folder);
      force(consortium, folder.resolve("last/charter.yaml"), false);
      append(folder, rows.subList(1 + JOINING / 2, rows.size()));
      awaitScored(consortium, "bank-c", JOINING);
      theOneThatLeftIsRefused(folder);
      OrderlyStops.endWithoutBroker(consortium, List.of("bank-a", "bank-c"));
    }
  }

  private static void join(Path folder) {
    String dir = folder.toString();
    String own = folder.resolve("bank-c").toString();
    String next = folder.resolve("next/charter.yaml").toString();
    run("member", "new", "--name", "bank-c", "--dir", dir, "--bootstrap", bootstrap(folder));
    run(
        "member",
        "certify",
        "--name",
        "bank-c",
        "--request",
        own + "/tls.csr",
        "--authority",
        dir + "/ca.crt",
        "--authority-key",
        dir + "/ca/ca.key",
        "--out",
        own + "/tls.crt");
    String charter = dir + "/charter.yaml";
    run("charter", "propose", "--from", charter, "--add", own + "/member.yaml", "--out", next);
    sign(folder, next, "agg-1", "agg-2", "agg-3", "bank-a", "bank-b");
    assertThat(Concordat.run("charter", "show", "--charter", next)).isEqualTo(Concordat.FAILED);
    sign(folder, next, "bank-c");
    run("charter", "show", "--charter", next);
  }

  private static void leave(Path folder) {
    String last = folder.resolve("last/charter.yaml").toString();
    String charter = folder.resolve("charter.yaml").toString();
    // Without this the rule set would lack a signature of its quorum.
    run(
        "rules",
        "sign",
        folder.resolve("rules").toString(),
        "--charter",
        charter,
        "--bank",
        "bank-c",
        "--key",
        folder.resolve("bank-c/signing.key").toString());
    run("charter", "propose", "--from", charter, "--remove", "bank-b", "--out", last);
    sign(folder, last, "agg-1", "agg-2", "agg-3", "bank-a", "bank-c");
  }

  private static void sign(Path folder, String revision, String... members) {
    for (String member : members) {
      run(
          "charter",
          "sign",
          "--from",
          folder.resolve("charter.yaml").toString(),
          "--charter",
          revision,
          "--member",
          member,
          "--key",
          folder.resolve(member).resolve("signing.key").toString());
    }
  }

  private static void run(String... args) {
    assertThat(Concordat.run(args)).as(String.join(" ", args)).isEqualTo(Concordat.DONE);
  }

  private static String bootstrap(Path folder) {
    try {
      return Files.readString(folder.resolve("bank-a/agent.yaml"))
          .replaceFirst("(?s).*bootstrap: (\\S+).*", "$1");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Puts a revision in the charter's place and starts who has to know it once more. */
  private static void force(Consortium consortium, Path revision, boolean withBroker)
      throws Exception {
    Path folder = consortium.folder();
    for (String file : List.of("charter.yaml", "charter.signatures.yaml")) {
      Files.copy(
          revision.resolveSibling(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (withBroker) {
      OrderlyStops.stop(consortium.role("broker"));
      Runs.restartBroker(consortium);
    }
    for (String aggregator : Consortium.AGGREGATORS) {
      Role role = consortium.role(aggregator);
      OrderlyStops.stop(role);
      role.restart();
    }
  }

  /** A header and rows of a third bank. */
  private List<String> joiningRows() throws IOException {
    Path all = Files.createDirectories(temp.resolve("three"));
    PaymentSimulator.writeFiles(7, 3, 12 * JOINING, bank -> all.resolve(bank + ".csv"));
    List<String> lines = Files.readAllLines(all.resolve("bank-c.csv"));
    return new ArrayList<>(lines.subList(0, 1 + JOINING));
  }

  private static void append(Path folder, List<String> lines) throws IOException {
    Files.writeString(
        folder.resolve("bank-c/payments.csv"),
        String.join("\n", lines) + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static void awaitScored(Consortium consortium, String bank, long rows) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              consortium.requireAlive();
              return scored(consortium, bank) == rows;
            });
  }

  private static long scored(Consortium consortium, String bank) {
    return consortium
        .agentMetrics(bank)
        .map(metrics -> (long) metrics.sum("concordat_agent_rows_scored_total"))
        .orElse(0L);
  }

  private void theOneThatLeftIsRefused(Path folder) throws Exception {
    assertThat(
            Runs.command(
                temp.resolve("refused.log"),
                Concordat.INVALID,
                "agent",
                "--config",
                folder.resolve("bank-b/agent.yaml").toString()))
        .anyMatch(line -> line.contains("CDT-505"));
  }
}
