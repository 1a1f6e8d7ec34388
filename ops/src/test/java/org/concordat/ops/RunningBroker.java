package org.concordat.ops;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.consortium.ConsortiumFolder;
import org.concordat.ops.consortium.ConsortiumFolder.AgentInput;
import org.concordat.ops.consortium.ConsortiumPlan;
import org.concordat.ops.consortium.FreePorts;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Problems;

/**
 * A consortium's folder and a broker that has none of its topics yet: clients come with a
 * certificate, or with SASL/SCRAM over a second port.
 */
final class RunningBroker implements AutoCloseable {
  static final List<String> BANKS = List.of("bank-a", "bank-b");
  static final List<String> AGGREGATORS = List.of("agg-1", "agg-2", "agg-3");

  private static final int SCRAM_ITERATIONS = 4_096;

  final Path folder;
  final Path charter;
  final int saslPort;
  private final BrokerConfig config;
  private final EmbeddedBroker broker;

  private RunningBroker(Path folder, BrokerConfig config, EmbeddedBroker broker) {
    this.folder = folder;
    this.charter = folder.resolve("charter.yaml");
    this.saslPort = config.saslPort();
    this.config = config;
    this.broker = broker;
  }

  static RunningBroker start(Path folder) throws Exception {
    ConsortiumPlan.Ports ports = FreePorts.forConsortium(AGGREGATORS.size());
    int saslPort = FreePorts.forConsortium(AGGREGATORS.size()).broker();
    Path rules = Command.shipped("payments", "rules.yaml").getParent();
    ConsortiumFolder.create(
        folder,
        new ConsortiumPlan(
            "pilot",
            Mode.TEST,
            BANKS,
            AGGREGATORS,
            2,
            2,
            ConsortiumPlan.FLAGS_PER_BANK_AND_DAY,
            rules,
            ConsortiumPlan.Hosts.LOOPBACK,
            ports));
    for (String bank : BANKS) {
      ConsortiumFolder.writeAgentConfig(
          folder,
          bank,
          ConsortiumPlan.Hosts.LOOPBACK,
          "localhost:" + ports.broker(),
          new AgentInput(Path.of("payments.csv"), true, 0, rules.resolve("mapping.yaml")));
    }
    Path file = folder.resolve("broker/broker.yaml");
    Files.writeString(file, Files.readString(file) + "saslPort: " + saslPort + "\n");
    var problems = new Problems();
    BrokerConfig config = BrokerConfig.read(file, problems);
    problems.throwIfAny();
    return new RunningBroker(folder, config, EmbeddedBroker.start(config));
  }

  /** Runs {@code topics}, with one replica of each. */
  Command topics(String action, Path admin, Object... more) {
    return run(
        List.of("topics", action, "--charter", charter, "--admin", admin, "--replication", "1"),
        more);
  }

  /** Runs {@code doctor} with a configuration of the folder. */
  Command doctor(String config, Object... more) {
    return run(List.of("doctor", "--config", folder.resolve(config)), more);
  }

  private static Command run(List<Object> args, Object... more) {
    List<Object> all = new ArrayList<>(args);
    all.addAll(List.of(more));
    return Command.run(all.toArray());
  }

  /** As the broker itself, who may do everything. */
  Admin admin() {
    return Admin.create(config.kafka().properties());
  }

  /** Settings of an administrator with a certificate. */
  Path certificateSettings() throws IOException {
    Path own = folder.resolve("broker");
    Path store = folder.resolve("admin.pem");
    if (!Files.exists(store)) {
      KeyFiles.writePrivate(
          store,
          (Files.readString(own.resolve("tls.key")) + Files.readString(own.resolve("tls.crt")))
              .getBytes(StandardCharsets.US_ASCII));
    }
    return settings(
        "admin-tls.properties",
        """
        bootstrap.servers=%s
        security.protocol=SSL
        ssl.keystore.type=PEM
        ssl.keystore.location=%s
        ssl.truststore.type=PEM
        ssl.truststore.location=%s
        """
            .formatted(config.kafka().bootstrap(), store, folder.resolve("ca.crt")));
  }

  /** Settings of a user with a password. */
  Path passwordSettings(String user, String password) throws IOException {
    return settings(
        "admin-scram.properties",
        """
        bootstrap.servers=localhost:%d
        security.protocol=SASL_SSL
        sasl.mechanism=SCRAM-SHA-512
        %s
        ssl.truststore.type=PEM
        ssl.truststore.location=%s
        """
            .formatted(saslPort, jaas(user, password), folder.resolve("ca.crt")));
  }

  static String jaas(String user, String password) {
    return "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required"
        + " username=\"%s\" password=\"%s\";".formatted(user, password);
  }

  /** Writes a file that only its owner can read. */
  Path settings(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    KeyFiles.writePrivate(file, text.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  void user(String name, String password) throws ExecutionException, InterruptedException {
    try (Admin admin = admin()) {
      admin
          .alterUserScramCredentials(
              List.of(
                  new UserScramCredentialUpsertion(
                      name,
                      new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                      password)))
          .all()
          .get();
      // The broker learns of it a moment after its controller has stored it.
      while (!admin.describeUserScramCredentials().all().get().containsKey(name)) {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void close() {
    broker.close();
  }
}
