package org.concordat.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.concordat.ops.broker.ConsortiumTopics;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** {@code topics} and {@code doctor} against a real broker, from nothing to a cluster in order. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterCommandsTest {
  private static final String PREFIX = "pilot-test.";

  @TempDir private static Path temp;

  private static RunningBroker running;

  @BeforeAll
  static void start() throws Exception {
    running = RunningBroker.start(temp.resolve("pilot"));
  }

  @AfterAll
  static void stop() {
    running.close();
  }

  @Test
  @Order(1)
  void doctorSaysThatTopicsAreMissing() {
    Command before = running.doctor("bank-a/agent.yaml");
    assertThat(before.status()).isEqualTo(1);
    assertThat(before.out())
        .contains("ok    brokers", "ok    charter", "ok    rules", "fail  topic", "topics apply");
  }

  @Test
  @Order(2)
  void checkChangesNothing() throws Exception {
    Path admin = running.certificateSettings();
    for (int i = 0; i < 2; i++) {
      Command check = running.topics("check", admin);
      assertThat(check.status()).as(check.err()).isEqualTo(1);
      assertThat(check.out())
          .contains(
              "+ topic " + PREFIX + "cuts: 2 partitions",
              "+ rule User:bank-a: ALLOW READ",
              "~ quota of bank-a: producer_byte_rate = 33554432, is unset",
              "~ quota of bank-a: request_percentage = 400, is unset");
    }
    try (Admin client = running.admin()) {
      assertThat(client.listTopics().names().get()).isEmpty();
    }
  }

  @Test
  @Order(3)
  void applyMakesWhatIsMissingOnce() throws Exception {
    Path admin = running.certificateSettings();
    assertThat(running.topics("apply", admin).status()).isZero();
    for (String action : List.of("check", "apply")) {
      Command again = running.topics(action, admin);
      assertThat(again.status()).as(again.out()).isZero();
      assertThat(again.out()).isEqualTo("Nothing differs.\n");
    }
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }

  @Test
  @Order(4)
  void applySetsRightAndDeletesNothing() throws Exception {
    String cuts = PREFIX + "cuts";
    AclBinding beyond =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, cuts, PatternType.LITERAL),
            new AccessControlEntry(
                "User:bank-a", "*", AclOperation.WRITE, AclPermissionType.ALLOW));
    try (Admin client = running.admin()) {
      client
          .createTopics(List.of(new NewTopic(PREFIX + "someone.elses", 1, (short) 1)))
          .all()
          .get();
      Map<ConfigResource, Collection<AlterConfigOp>> shorter =
          Map.of(
              new ConfigResource(ConfigResource.Type.TOPIC, cuts),
              List.of(set("retention.ms", "1000"), set("retention.bytes", "1048576")));
      client.incrementalAlterConfigs(shorter).all().get();
      client.createAcls(List.of(beyond)).all().get();

      // The bank sees both itself.
      Command doctor = running.doctor("bank-a/agent.yaml");
      assertThat(doctor.out())
          .contains("retention.ms is 1000", "retention.bytes is 1048576, wanted -1")
          .contains("this bank may write to it, and must not");

      Path admin = running.certificateSettings();
      Command check = running.topics("check", admin);
      assertThat(check.status()).isEqualTo(1);
      assertThat(check.out().lines())
          .hasSize(3)
          .contains(
              "~ topic " + cuts + ": retention.bytes = -1, is 1048576",
              "~ topic " + cuts + ": retention.ms = 7776000000, is 1000")
          .anySatisfy(
              line -> assertThat(line).startsWith("! rule").contains("bank-a", "WRITE", cuts));
      Command apply = running.topics("apply", admin);
      assertThat(apply.status()).as("the rule beyond is left").isEqualTo(1);
      assertThat(running.topics("check", admin).out().lines()).hasSize(1);
      assertThat(client.listTopics().names().get()).contains(PREFIX + "someone.elses");
      client.deleteAcls(List.of(beyond.toFilter())).all().get();
      assertThat(running.topics("check", admin).status()).isZero();
    }
  }

  @Test
  @Order(4)
  void aLongerRetentionStaysUntilItIsToBeShortened() throws Exception {
    String cuts = PREFIX + "cuts";
    Map<ConfigResource, Collection<AlterConfigOp>> longer =
        Map.of(
            new ConfigResource(ConfigResource.Type.TOPIC, cuts),
            List.of(set("retention.ms", "7776000001")));
    try (Admin client = running.admin()) {
      client.incrementalAlterConfigs(longer).all().get();
    }
    assertThat(running.doctor("bank-a/agent.yaml").out()).doesNotContain("retention.ms");
    Path admin = running.certificateSettings();
    for (String action : List.of("check", "apply", "check")) {
      Command kept = running.topics(action, admin);
      assertThat(kept.status()).as(kept.out() + kept.err()).isZero();
      assertThat(kept.out().lines())
          .containsExactly(
              "= topic " + cuts + ": retention.ms = 7776000000 is enough, stays 7776000001",
              "Nothing else differs.");
    }
    Command shortened = running.topics("apply", admin, "--shorten");
    assertThat(shortened.status()).as(shortened.out() + shortened.err()).isZero();
    assertThat(shortened.out().lines())
        .containsExactly("~ topic " + cuts + ": retention.ms = 7776000000, is 7776000001", "Done.");
    assertThat(running.topics("check", admin).out()).isEqualTo("Nothing differs.\n");
  }

  @Test
  @Order(4)
  void setUpsOutliveEveryKeyThatTheyWereSealedTo() throws Exception {
    var topic = new ConfigResource(ConfigResource.Type.TOPIC, PREFIX + "sessions.bank-a");
    try (Admin client = running.admin()) {
      Config settings =
          client.describeConfigs(List.of(topic)).all().get().values().iterator().next();
      assertThat(settings.get("cleanup.policy").value()).isEqualTo("compact,delete");
      // inUseHours twice and keptHours, a year each at most.
      assertThat(Long.parseLong(settings.get("retention.ms").value()))
          .isGreaterThan(Duration.ofDays(3 * 365).toMillis());
      assertThat(settings.get("retention.bytes"))
          .as("the topic's own, whatever the cluster's default is")
          .returns("-1", ConfigEntry::value)
          .returns(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, ConfigEntry::source);
    }
  }

  @Test
  @Order(4)
  void anotherQuotaIsSetForEveryBank() throws Exception {
    Path admin = running.certificateSettings();
    Command apply = running.topics("apply", admin, "--bank-bytes-per-second", "1048576");
    assertThat(apply.status()).as(apply.out() + apply.err()).isZero();
    assertThat(running.topics("check", admin).out().lines())
        .containsExactly(
            "~ quota of bank-a: producer_byte_rate = 33554432, is 1048576",
            "~ quota of bank-b: producer_byte_rate = 33554432, is 1048576");
    assertThat(running.topics("apply", admin).status()).isZero();
    Command less = running.topics("apply", admin, "--bank-bytes-per-second", "1048575");
    assertThat(less.status()).isEqualTo(2);
  }

  @Test
  @Order(5)
  void whatQuotasAllowOfABrokersDiskIsToldToWhoAsks() throws Exception {
    Command check = running.topics("check", running.certificateSettings(), "--disk");
    assertThat(check.status()).as(check.err()).isZero();
    assertThat(check.out())
        .startsWith("Nothing differs.\ndisk: 33,554,432 bytes a second")
        .contains("kept for 8 days, replication 1: up to 21,600 GiB", "43,200 GiB for all 2")
        .containsPattern(
            "disk of broker 1: [\\d,]+ GiB, [\\d,]+ GiB free, aggregators' topics take 0\\.0 GiB");
  }

  @Test
  @Order(5)
  void whatAggregatorsWriteIsAmongTheTopics() {
    Charter charter = Charter.read(running.charter, new Problems()).orElseThrow();
    var wanted = new ConsortiumTopics(charter, charter.topics(""), 1);
    assertThat(wanted.topics().stream().map(NewTopic::name)).containsAll(wanted.ofAggregators());
    assertThat(wanted.ofAggregators()).hasSize(3 + 2 * 2 + 4 * 3);
  }

  /** A bank may commit for groups without end, so each record has to be small. */
  @Test
  @Order(5)
  void aCommitSaysLittleBesideItsOffset() throws Exception {
    var partition = new TopicPartition(PREFIX + "cuts", 0);
    String group = PREFIX + "bank.bank-a.any";
    try (Admin client = running.admin()) {
      client
          .alterConsumerGroupOffsets(
              group, Map.of(partition, new OffsetAndMetadata(0, "x".repeat(64))))
          .all()
          .get();
      var refused =
          client.alterConsumerGroupOffsets(
              group, Map.of(partition, new OffsetAndMetadata(0, "x".repeat(65))));
      assertThatThrownBy(() -> refused.partitionResult(partition).get())
          .hasCauseInstanceOf(OffsetMetadataTooLarge.class);
    }
  }

  @Test
  @Order(5)
  void anAdministratorMayComeWithAPassword() throws Exception {
    running.user("broker", "rightly so");
    Command right = running.topics("check", running.passwordSettings("broker", "rightly so"));
    assertThat(right.status()).as(right.err()).isZero();
    Command wrong = running.topics("check", running.passwordSettings("broker", "wrong"));
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.err()).contains("SaslAuthenticationException").doesNotContain("wrong");
  }

  @Test
  @Order(6)
  void settingsThatOthersCanReadAreRefused() throws Exception {
    Path admin = running.passwordSettings("broker", "secret");
    Files.setPosixFilePermissions(admin, PosixFilePermissions.fromString("rw-r--r--"));
    Command refused = running.topics("check", admin);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("CDT-501", "chmod 600");
    assertThat(running.topics("check", running.settings("empty.properties", "")).err())
        .contains("CDT-104", "bootstrap.servers");
  }

  @Test
  @Order(7)
  void doctorFindsNothingWrongWithABank() throws Exception {
    Command doctor = running.doctor("bank-a/agent.yaml");
    assertThat(doctor.out()).doesNotContain("fail ", "warn ");
    assertThat(doctor.status()).isZero();
    Command json = running.doctor("bank-a/agent.yaml", "--json");
    for (String line : json.out().lines().toList()) {
      assertThat(new ObjectMapper().readTree(line).path("level").asText()).isEqualTo("OK");
    }
  }

  @Test
  @Order(8)
  void aBankMayComeWithAPassword() throws Exception {
    running.user("bank-b", "of bank-b");
    Path own = running.folder.resolve("bank-b");
    String text = Files.readString(own.resolve("agent.yaml"));
    Files.writeString(
        own.resolve("sasl.yaml"),
        text.substring(0, text.indexOf("kafka:"))
            + "kafka:\n  bootstrap: localhost:%d\n".formatted(running.saslPort)
            + "  properties: sasl.properties\n  authority: ../ca.crt\n");
    running.settings(
        "bank-b/sasl.properties",
        "sasl.mechanism=SCRAM-SHA-512\n" + RunningBroker.jaas("bank-b", "of bank-b") + "\n");
    Command right = running.doctor("bank-b/sasl.yaml");
    assertThat(right.status()).as(right.out()).isZero();
    running.settings(
        "bank-b/sasl.properties",
        "sasl.mechanism=SCRAM-SHA-512\n" + RunningBroker.jaas("bank-b", "guessed") + "\n");
    Command wrong = running.doctor("bank-b/sasl.yaml");
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.out()).contains("TLS or SASL is refused").doesNotContain("guessed");
  }

  @Test
  @Order(9)
  void doctorNamesEachFaultOfAnAggregator() throws Exception {
    Path own = running.folder.resolve("agg-1");
    String config = Files.readString(own.resolve("aggregator.yaml"));
    int port = Integer.parseInt(config.replaceFirst("(?s).*listen: localhost:(\\d+).*", "$1"));
    Files.setPosixFilePermissions(
        own.resolve("signing.key"), PosixFilePermissions.fromString("rw-r--r--"));
    Path certificate = own.resolve("tls.crt");
    String right = Files.readString(certificate);
    Certificates.Issued foreign =
        Certificates.createAuthority("else", Duration.ofDays(1)).issue("agg-1", Duration.ofDays(1));
    Files.writeString(certificate, foreign.certificatePem());
    try (var taken = new ServerSocket(port, 1, InetAddress.getByName("localhost"))) {
      assertThat(taken.isBound()).isTrue();
      Command doctor = running.doctor("agg-1/aggregator.yaml");
      assertThat(doctor.status()).isEqualTo(1);
      assertThat(doctor.out())
          .contains(
              "chmod 600",
              "kafka: the authority in the configuration hasn't issued it",
              "peer: the authority in the configuration hasn't issued it",
              "peers: localhost:" + port + " can't be listened on",
              "fail  brokers")
          .contains("fail  peer", "The certificate and the private key don't belong together.");
    }
    Files.writeString(certificate, right);
    Files.setPosixFilePermissions(
        own.resolve("signing.key"), PosixFilePermissions.fromString("rw-------"));
    Command mended = running.doctor("agg-1/aggregator.yaml");
    assertThat(mended.out().lines().filter(line -> line.startsWith("fail")))
        .as("only the peers, which don't run")
        .hasSize(2)
        .allMatch(line -> line.contains("at localhost") && line.contains("doesn't answer"));
  }

  @Test
  @Order(10)
  void doctorFindsAnExpiringCertificateAndAnotherName() throws Exception {
    Path own = running.folder.resolve("bank-a");
    String right = Files.readString(own.resolve("tls.crt"));
    Files.writeString(
        own.resolve("tls.crt"), Files.readString(running.folder.resolve("bank-b/tls.crt")));
    assertThat(running.doctor("bank-a/agent.yaml").out())
        .contains("it is for 'CN=bank-b', the party is 'bank-a'");
    Files.writeString(own.resolve("tls.crt"), right);
  }

  @Test
  @Order(11)
  void doctorFindsACharterThatSomebodyChanged() throws Exception {
    String right = Files.readString(running.charter);
    Files.writeString(running.charter, right.replace("epochDays: 35", "epochDays: 36"));
    Command doctor = running.doctor("bank-a/agent.yaml");
    Files.writeString(running.charter, right);
    assertThat(doctor.status()).isEqualTo(1);
    assertThat(doctor.out()).contains("fail  charter", "CDT-503");
  }

  @Test
  @Order(12)
  void networkListsWhatAFirewallHasToLetThrough() {
    Command first = running.doctor("agg-1/aggregator.yaml", "--network");
    assertThat(first.status()).isZero();
    assertThat(first.out().lines()).hasSize(5);
    assertThat(first.out())
        .contains("link to aggregator agg-2", "link to aggregator agg-3", "Kafka", "/metrics");
    assertThat(running.doctor("agg-3/aggregator.yaml", "--network").out())
        .contains("link from aggregator agg-1", "link from aggregator agg-2");
    assertThat(running.doctor("bank-a/agent.yaml", "--network").out().lines()).hasSize(4);
    assertThat(running.doctor("broker/broker.yaml", "--network").err()).contains("CDT-104");
  }

  @Test
  @Order(13)
  void aConfigurationThatIsNotValidIsReportedWhole() throws Exception {
    Path file = running.folder.resolve("bank-a/wrong.yaml");
    Files.writeString(
        file,
        Files.readString(running.folder.resolve("bank-a/agent.yaml"))
            .replace("data: data", "date: data")
            .replace("store: store.key", "store: missing.key"));
    Command doctor = running.doctor("bank-a/wrong.yaml");
    assertThat(doctor.status()).isEqualTo(1);
    assertThat(doctor.out()).contains("CDT-103", "CDT-104", "CDT-101", "fix:");
  }
}
