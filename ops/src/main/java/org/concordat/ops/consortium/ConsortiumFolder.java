package org.concordat.ops.consortium;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.ops.broker.EmbeddedBroker;
import org.concordat.ops.consortium.ConsortiumPlan.Hosts;
import org.concordat.rules.RuleSet;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.identity.CharterFile;
import org.concordat.schemas.identity.CharterWriter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SignatureFile;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;

/**
 * Creates a consortium in a folder, for demos, tests and pilots on one machine: each party's
 * secrets in a folder of its own that only its owner can enter.
 *
 * <p>In a consortium of real organisations each party makes its own keys, and only public keys and
 * signatures travel; here one command plays all of them.
 */
public final class ConsortiumFolder {
  /** The folder of the rule set that a consortium begins with. */
  public static final String RULES = "rules";

  /** Rule sets that are to follow, each in a folder of its own. */
  public static final String LATER_RULES = "rules-later";

  private static final Duration AUTHORITY_VALIDITY = Duration.ofDays(3_650);
  private static final Duration CERTIFICATE_VALIDITY = Duration.ofDays(365);
  private static final int EPOCH_DAYS = 35;
  private static final int LINKAGE_BITS = 64;
  private static final int BITS_PER_ALERT = 128;
  private static final int COMPARISONS_PER_SCORE = 4;
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final String ONE_MACHINE =
      """
      batch:
        # All on one machine: links have no latency to hide, and a processor is never idle.
        inFlightMax: 1
      """;

  private static final String LOOPBACK_LISTENERS =
      """
      http:
        port: 0
      api:
        listen: 127.0.0.1:0
        tokens: tokens.yaml
      """;

  private static final String NAMED_HTTP =
      """
      http:
        host: 0.0.0.0
        port: 8080
      """;

  private static final String NAMED_LISTENERS =
      NAMED_HTTP
          + """
          api:
            listen: 0.0.0.0:8443
            certificate: tls.crt
            key: tls.key
            tokens: tokens.yaml
          """;

  private final Path folder;
  private final ConsortiumPlan plan;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, SigningKey> signingKeys = new LinkedHashMap<>();
  private final List<Charter.Bank> entries = new ArrayList<>();

  private ConsortiumFolder(Path folder, ConsortiumPlan plan) {
    this.folder = folder;
    this.plan = plan;
  }

  /**
   * Writes everything.
   *
   * @param folder is created; must not exist, or be empty
   */
  public static void create(Path folder, ConsortiumPlan plan) throws IOException {
    new ConsortiumFolder(folder, plan).write();
  }

  private void write() throws IOException {
    Files.createDirectories(folder);
    var authority = Certificates.createAuthority(plan.name() + "-ca", AUTHORITY_VALIDITY);
    Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    Path ca = party("ca");
    KeyFiles.writePrivate(ca.resolve("ca.key"), ascii(authority.authorityKeyPem()));
    for (String bank : plan.banks()) {
      Path own = certified(bank, authority);
      BankFolder made = BankFolder.create(own, bank, random);
      signingKeys.put(bank, made.signing());
      entries.add(made.entry());
    }
    for (String aggregator : plan.aggregators()) {
      Path own = certified(aggregator, authority);
      signingKey(own, aggregator);
      // The aggregator makes its sealing keys itself, and destroys them.
      Files.createDirectory(own.resolve("sealing"), OWNER_ONLY);
      KeyFiles.write(own.resolve("at-rest.key"), SymmetricKey.generate(random));
      Files.writeString(own.resolve("aggregator.yaml"), aggregatorConfig(aggregator));
    }
    Path broker = certified(EmbeddedBroker.NAME, authority);
    Files.createDirectory(broker.resolve("data"));
    Files.writeString(broker.resolve("broker.yaml"), brokerConfig());
    if (plan.mode() == Mode.TEST) {
      Path auditor = certified(ConsortiumTopics.AUDITOR, authority);
      Files.writeString(
          auditor.resolve("auditor.yaml"), "charter: ../charter.yaml\n" + kafkaSection());
    }
    charter();
    ruleSet();
  }

  private Path party(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name), OWNER_ONLY);
  }

  private Path certified(String name, Certificates authority) throws IOException {
    Path own = party(name);
    var issued = authority.issue(name, CERTIFICATE_VALIDITY);
    Files.writeString(own.resolve("tls.crt"), issued.certificatePem());
    KeyFiles.writePrivate(own.resolve("tls.key"), ascii(issued.keyPem()));
    return own;
  }

  private void signingKey(Path own, String name) throws IOException {
    SigningKey signing = SigningKey.generate(random);
    KeyFiles.write(own.resolve("signing.key"), signing);
    signingKeys.put(name, signing);
  }

  private void charter() throws IOException {
    // The founding charter's hash is that of these bytes.
    var unknown = new Digest(new byte[32]);
    var charter =
        new Charter(
            unknown,
            1,
            unknown,
            plan.name(),
            plan.mode(),
            "rep3",
            plan.partitions(),
            plan.quorum(),
            false,
            EPOCH_DAYS,
            plan.unverifiedLinkage(),
            Set.of(RuleSet.load(plan.ruleSet()).contract().version()),
            new Caps(
                plan.unverifiedLinkage() ? LINKAGE_BITS : 0,
                BITS_PER_ALERT,
                plan.flagsPerBankAndDay(),
                COMPARISONS_PER_SCORE),
            plan.aggregators().stream()
                .map(name -> new Aggregator(name, "Operator of " + name, signing(name).verifier()))
                .toList(),
            entries);
    byte[] bytes = CharterWriter.text(charter).getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("charter.yaml");
    Files.write(file, bytes);
    SignatureFile signatures = SignatureFile.empty();
    for (var member : signingKeys.entrySet()) {
      signatures =
          signatures.with(
              member.getKey(), member.getValue().sign(CharterFile.SIGNATURE_LABEL, bytes));
    }
    signatures.write(CharterFile.signaturesOf(file));
  }

  private void ruleSet() throws IOException {
    Path target = Files.createDirectory(folder.resolve(RULES));
    try (Stream<Path> files = Files.walk(plan.ruleSet())) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(plan.ruleSet().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!file.getFileName().toString().equals("signatures.yaml")) {
          Files.copy(file, copy);
        }
      }
    }
    Files.createDirectory(folder.resolve(LATER_RULES));
    byte[] hash = RuleSet.load(target).hash();
    SignatureFile signatures = SignatureFile.empty();
    for (String bank : plan.banks().subList(0, plan.quorum())) {
      signatures = signatures.with(bank, signing(bank).sign(RuleSet.SIGNATURE_LABEL, hash));
    }
    signatures.write(target.resolve("signatures.yaml"));
  }

  private String kafkaSection() {
    return """
    kafka:
      bootstrap: %s
      certificate: tls.crt
      key: tls.key
      authority: ../ca.crt
    """
        .formatted(plan.bootstrap());
  }

  private String brokerConfig() {
    return """
    host: %s
    listen: %s
    port: %d
    controllerPort: %d
    clusterId: %s
    charter: ../charter.yaml
    data: data
    """
            .formatted(
                plan.hosts().of(EmbeddedBroker.NAME),
                plan.hosts().listen(),
                plan.ports().broker(),
                plan.ports().controller(),
                Uuid.randomUuid())
        + (plan.hosts() == Hosts.NAMED ? NAMED_HTTP : "")
        + kafkaSection();
  }

  private String aggregatorConfig(String name) {
    int index = plan.aggregators().indexOf(name);
    var text =
        new StringBuilder(
            """
            aggregator: %s
            charter: ../charter.yaml
            rules: ../rules
            laterRules: ../rules-later
            keys:
              signing: signing.key
              sealing: sealing
              atRest: at-rest.key
            tls:
              certificate: tls.crt
              key: tls.key
              authority: ../ca.crt
            listen: %s:%d
            http:
              host: %s
              port: %d
            """
                .formatted(
                    name,
                    plan.hosts().listen(),
                    plan.ports().peers().get(index),
                    plan.hosts().listen(),
                    plan.ports().aggregatorHttp().get(index)));
    text.append("peers:\n");
    for (int i = 0; i < plan.aggregators().size(); i++) {
      if (i != index) {
        text.append("  ")
            .append(plan.aggregators().get(i))
            .append(": ")
            .append(plan.hosts().of(plan.aggregators().get(i)))
            .append(':')
            .append(plan.ports().peers().get(i))
            .append('\n');
      }
    }
    if (plan.hosts() == Hosts.LOOPBACK) {
      text.append(ONE_MACHINE);
    }
    return text.append(kafkaSection()).toString();
  }

  private SigningKey signing(String name) {
    return java.util.Objects.requireNonNull(signingKeys.get(name));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The configuration of a bank's agent; the caller knows where its payments come from. */
  public static void writeAgentConfig(
      Path folder, String bank, Hosts hosts, String bootstrap, Input input) throws IOException {
    String listeners = hosts == Hosts.LOOPBACK ? LOOPBACK_LISTENERS : NAMED_LISTENERS;
    String text =
        """
        bank: %s
        charter: ../charter.yaml
        rules: ../rules
        laterRules: ../rules-later
        keys:
          signing: signing.key
          alert: alert.key
          transactionId: transaction-id.key
          store: store.key
        data: data
        %s
        ingest:
        %s
        alerts:
          # One machine runs all of them: an aggregator that is slow here is no reason for doubt.
          waitMillis: 30000
          console: none
          file: alerts.jsonl
          topic: none
        kafka:
          bootstrap: %s
          certificate: tls.crt
          key: tls.key
          authority: ../ca.crt
        """
            .formatted(
                bank, listeners.strip(), input.section().indent(2).stripTrailing(), bootstrap);
    Files.writeString(folder.resolve(bank).resolve("agent.yaml"), text);
  }

  /**
   * Writes the configuration of one of an aggregator's workers beside its aggregator.yaml: the same
   * but for its name and ports.
   *
   * @param peers port for the peers, on this machine
   * @param http port for metrics
   * @return the file
   */
  public static Path writeWorkerConfig(
      Path folder, String aggregator, String worker, int peers, int http) throws IOException {
    Path own = folder.resolve(aggregator);
    String text =
        Files.readString(own.resolve("aggregator.yaml"))
            .replaceFirst("(?m)^(listen: .*:)\\d+$", "$1" + peers)
            .replaceFirst("(?m)^(  port: )\\d+$", "$1" + http);
    Path file = own.resolve(worker + ".yaml");
    Files.writeString(
        file,
        text
            + """
            worker:
              name: %s
              address: localhost:%d
            """
                .formatted(worker, peers));
    return file;
  }

  /** Where an agent's payments come from. */
  public sealed interface Input permits AgentInput, IsoInput, RestInput, TopicInput, OutboxInput {
    /** The lines below {@code ingest}. */
    String section();
  }

  /** A CSV file. */
  public record AgentInput(Path file, boolean follow, int ratePerSecond, Path mapping)
      implements Input {
    @Override
    public String section() {
      return """
      csv:
        file: %s
        follow: %s
        ratePerSecond: %d
        mapping: %s
      """
          .formatted(file, follow, ratePerSecond, mapping);
    }
  }

  /** Whoever calls the agent's API. */
  public record RestInput(Path mapping) implements Input {
    @Override
    public String section() {
      return """
      rest:
        mapping: %s
      """
          .formatted(mapping);
    }
  }

  /** ISO 20022 messages, from a folder beside the configuration and over the API. */
  public record IsoInput(Path mapping) implements Input {
    @Override
    public String section() {
      return """
      iso20022:
        folder: inbox
        mapping: %s
      """
          .formatted(mapping);
    }
  }

  /** A topic of the bank's own, on the consortium's broker to begin with. */
  public record TopicInput(String bootstrap, String topic, String groupId, Path mapping)
      implements Input {
    /** The names under which the broker's rules let a bank read. */
    public static TopicInput of(Path folder, String bank, String bootstrap, Path mapping) {
      var problems = new Problems();
      Optional<Charter> charter = Charter.read(folder.resolve("charter.yaml"), problems);
      problems.throwIfAny();
      String own = charter.orElseThrow().topics("").prefix() + "bank." + bank + ".";
      return new TopicInput(bootstrap, own + "payments", own + "agent", mapping);
    }

    @Override
    public String section() {
      return """
      kafka:
        bootstrap: %s
        certificate: tls.crt
        key: tls.key
        authority: ../ca.crt
        topic: %s
        groupId: %s
        format: json
        mapping: %s
      """
          .formatted(bootstrap, topic, groupId, mapping);
    }
  }

  /** Names for n banks: bank-a, bank-b and so on. */
  public static List<String> bankNames(int banks) {
    return Stream.iterate(0, i -> i + 1)
        .limit(banks)
        .map(i -> i < 26 ? "bank-" + (char) ('a' + i) : "bank-" + (i + 1))
        .toList();
  }
}
