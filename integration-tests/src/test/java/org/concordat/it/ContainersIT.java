package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.concordat.ops.Concordat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Testcontainers;

/**
 * The images run a consortium: broker, three aggregators and two banks in containers without
 * rights, on a network of their own, with the oracle's alerts. Needs a container engine; skipped
 * without one.
 */
@Testcontainers(disabledWithoutDocker = true)
class ContainersIT {
  private static final Path HOME = Path.of(System.getProperty("concordat.home", ".."));
  private static final List<String> BANKS = List.of("bank-a", "bank-b");
  private static final int PAYMENTS = 2_000;

  @TempDir private Path temp;

  private static void process(Path folder, String... command) throws Exception {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    // The classic builder is everywhere; the file needs no more.
    builder.environment().put("DOCKER_BUILDKIT", "0");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static String image(String target) throws Exception {
    String tag = "concordat-it/" + target;
    process(HOME, "docker", "build", "-f", "docker/Dockerfile", "--target", target, "-t", tag, ".");
    return tag;
  }

  private GenericContainer<?> container(
      Network network, String image, String party, Path folder, String... command) {
    var container =
        new GenericContainer<>(image)
            .withNetwork(network)
            .withNetworkAliases(party)
            .withCommand(command)
            .withTmpFs(Map.of("/tmp", "exec,mode=1777"))
            .withCreateContainerCmdModifier(
                create -> {
                  create.withUser("10001:10001");
                  create.getHostConfig().withReadonlyRootfs(true);
                });
    container.withFileSystemBind(folder.toString(), "/consortium");
    return container;
  }

  @Test
  void aConsortiumInContainersFindsWhatTheOracleFinds() throws Exception {
    String agent = image("agent");
    String aggregator = image("aggregator");
    String ops = image("ops");
    Path folder = temp.resolve("consortium");
    Runs.command(
        temp.resolve("init.log"),
        Concordat.DONE,
        "init",
        "--dir",
        folder.toString(),
        "--test",
        "--hosts",
        "NAMED",
        "--banks",
        "2");
    Runs.command(
        temp.resolve("simulate.log"),
        Concordat.DONE,
        "simulate-payments",
        "--banks",
        "2",
        "--payments",
        Integer.toString(PAYMENTS),
        "--dir",
        temp.resolve("payments").toString());
    for (String bank : BANKS) {
      Files.move(
          temp.resolve("payments").resolve(bank + ".csv"),
          folder.resolve(bank).resolve("payments.csv"));
    }
    process(temp, "chown", "-R", "10001:10001", folder.toString());
    process(temp, "chmod", "755", temp.toString());

    List<GenericContainer<?>> running = new ArrayList<>();
    try (Network network = Network.newNetwork()) {
      var broker =
          container(
                  network,
                  ops,
                  "broker",
                  folder,
                  "broker",
                  "--config",
                  "/consortium/broker/broker.yaml")
              .waitingFor(Wait.forSuccessfulCommand("test -e /consortium/broker/ready"));
      broker.start();
      running.add(broker);
      for (String name : List.of("agg-1", "agg-2", "agg-3")) {
        running.add(
            container(
                network,
                aggregator,
                name,
                folder,
                "--config",
                "/consortium/" + name + "/aggregator.yaml"));
      }
      for (String bank : BANKS) {
        running.add(
            container(
                network, agent, bank, folder, "--config", "/consortium/" + bank + "/agent.yaml"));
      }
      running.stream().skip(1).forEach(GenericContainer::start);
      Awaitility.await()
          .atMost(Duration.ofMinutes(4))
          .pollInterval(Duration.ofSeconds(5))
          .untilAsserted(
              () -> {
                JsonNode result = check(network, ops, folder);
                assertThat(result.path("scored").asInt()).isEqualTo(PAYMENTS);
                assertThat(result.path("missing").asInt(1)).isZero();
                assertThat(result.path("extra").asInt(1)).isZero();
                assertThat(result.path("alerts").asInt()).isPositive();
              });
    } finally {
      running.forEach(GenericContainer::stop);
    }
  }

  private JsonNode check(Network network, String ops, Path folder) throws Exception {
    try (var check = container(network, ops, "check", folder, "check", "--dir", "/consortium")) {
      check.withStartupCheckStrategy(
          new OneShotStartupCheckStrategy() {
            @Override
            public StartupStatus checkStartupState(
                com.github.dockerjava.api.DockerClient client, String id) {
              var state = getCurrentState(client, id);
              // Until all is scored, the check ends with another status.
              return Boolean.TRUE.equals(state.getRunning())
                  ? StartupStatus.NOT_YET_KNOWN
                  : StartupStatus.SUCCESSFUL;
            }
          }.withTimeout(Duration.ofMinutes(2)));
      check.start();
      List<String> lines = check.getLogs(OutputFrame.OutputType.STDOUT).lines().toList();
      return new ObjectMapper().readTree(lines.isEmpty() ? "{}" : lines.getLast());
    }
  }
}
