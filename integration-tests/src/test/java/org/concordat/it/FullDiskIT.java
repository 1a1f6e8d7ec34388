package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.concordat.ops.check.CheckReport;
import org.concordat.ops.check.OracleCheck;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ShippedRules;
import org.concordat.ops.demo.Consortium;
import org.concordat.ops.demo.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disks of an agent and of the broker fill up: each stops and says so, and once there is room
 * and it is started again, every payment has been scored once.
 */
class FullDiskIT {
  private static final int PAYMENTS = 60;
  private static final int MORE = 20;
  private static final int AGENT_MEGABYTES = 40;
  private static final int BROKER_MEGABYTES = 160;

  @TempDir private Path temp;
  private int appended;

  @Test
  void aFullDiskStopsItsProcessAndLosesNothing() throws Exception {
    Path folder = temp.resolve("full");
    List<SmallDisk> disks = new ArrayList<>();
    try (Consortium consortium = Runs.simulated(folder, 1, PAYMENTS, 0)) {
      consortium.configureAgent(
          "bank-a",
          new AgentInput(
              Path.of("payments.csv"),
              true,
              0,
              ShippedRules.folder("payments").resolve("mapping.yaml")));
      Runs.awaitAllShares(folder.resolve("bank-a/agent.yaml"));
      SmallDisk ofAgent = mount(disks, folder.resolve("bank-a/data"), AGENT_MEGABYTES);
      SmallDisk ofBroker = mount(disks, folder.resolve("broker/data"), BROKER_MEGABYTES);
      Runs.startAll(consortium);
      awaitScored(consortium, PAYMENTS);

      ofAgent.fill();
      append(folder);
      Role agent = consortium.role("bank-a");
      awaitEnd(agent);
      assertThat(agent.exitValue()).isEqualTo(1);
      assertThat(Files.readString(agent.log())).contains("CDT-350");
      ofAgent.free();
      agent.restart();
      awaitScored(consortium, PAYMENTS + MORE);

      ofBroker.fill();
      append(folder);
      Role broker = consortium.role("broker");
      awaitEnd(broker);
      assertThat(broker.exitValue()).isNotZero();
      assertThat(Files.readString(broker.log())).contains("No space left on device");
      ofBroker.free();
      Files.deleteIfExists(folder.resolve("broker/ready"));
      broker.restart();
      consortium.awaitBroker();
      awaitScored(consortium, PAYMENTS + 2 * MORE);

      CheckReport report = OracleCheck.run(folder);
      assertThat(report.holds()).as("%s", report).isTrue();
      assertThat(report.scored()).isEqualTo(PAYMENTS + 2 * MORE);
    } finally {
      for (SmallDisk disk : disks) {
        disk.close();
      }
    }
  }

  private static SmallDisk mount(List<SmallDisk> disks, Path folder, int megabytes)
      throws Exception {
    Optional<SmallDisk> disk = SmallDisk.mount(folder, megabytes);
    assumeTrue(disk.isPresent(), "this user can't mount a file system");
    disks.add(disk.get());
    return disk.get();
  }

  private static void awaitScored(Consortium consortium, int rows) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(4))
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              consortium.requireAlive();
              return consortium
                  .agentMetrics("bank-a")
                  .map(m -> m.sum("concordat_agent_rows_scored_total") == rows)
                  .orElse(false);
            });
  }

  private static void awaitEnd(Role role) {
    Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> !role.isAlive());
  }

  /** More payments of the bank. */
  private void append(Path folder) throws Exception {
    Path file = folder.resolve("bank-a/payments.csv");
    String row = Files.readAllLines(file).get(1);
    var text = new StringBuilder();
    for (int i = 0; i < MORE; i++) {
      text.append(row.replaceFirst("^[^,]*", "later-" + appended++)).append('\n');
    }
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }
}
