package org.concordat.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentConfigTest {
  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String name :
        new String[] {
          "charter.yaml",
          "signing.key",
          "alert.key",
          "transaction-id.key",
          "store.key",
          "tls.crt",
          "tls.key",
          "ca.crt",
          "tokens.yaml"
        }) {
      Files.setPosixFilePermissions(
          Files.writeString(folder.resolve(name), ""),
          PosixFilePermissions.fromString("rw-------"));
    }
    Files.setPosixFilePermissions(
        Files.writeString(folder.resolve("hook.key"), "0123456789abcdef0123456789abcdef\n"),
        PosixFilePermissions.fromString("rw-------"));
    Files.createDirectory(folder.resolve("rules"));
    Files.writeString(
        folder.resolve("payment.avsc"),
        """
        {"type": "record", "name": "Payment", "fields": [
          {"name": "id", "type": "string"}, {"name": "booked", "type": "string"}]}
        """);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = AgentConfigTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private AgentConfig read(String resource, Problems problems) throws IOException {
    Path file = Files.writeString(folder.resolve("agent.yaml"), resource(resource));
    return AgentConfig.read(file, problems);
  }

  @Test
  void readsACompleteFile() throws IOException {
    var problems = new Problems();
    AgentConfig config = read("complete.yaml", problems);
    assertThat(problems.list()).isEmpty();
    assertThat(config.bank()).isEqualTo("bank-a");
    assertThat(config.laterRules()).contains(folder.resolve("later"));
    assertThat(config.keys().store()).isEqualTo(folder.resolve("store.key"));
    assertThat(config.data()).isEqualTo(folder.resolve("data"));
    assertThat(config.ingest().csv().orElseThrow().file())
        .isEqualTo(folder.resolve("payments.csv"));
    assertThat(config.ingest().csv().orElseThrow().follow()).isTrue();
    assertThat(config.ingest().csv().orElseThrow().ratePerSecond()).isEqualTo(250);
    assertThat(config.blocks().rowsMax()).isEqualTo(512);
    assertThat(config.blocks().linger()).isEqualTo(Duration.ofMillis(20));
    assertThat(config.limits().spoolBytesMax()).isEqualTo(8_000_000);
    assertThat(config.limits().diskBytesMax()).isEqualTo(3_000_000_000L);
    assertThat(config.limits().seenAge()).isEqualTo(Duration.ofDays(40));
    assertThat(config.limits().answerAge()).isEqualTo(Duration.ofHours(48));
    assertThat(config.ingest().rest().orElseThrow().mapping().columnNames())
        .containsExactly("id", "at", "amount");
    AgentConfig.Topic topic = config.ingest().kafka().orElseThrow();
    assertThat(topic.connection().bootstrap()).isEqualTo("localhost:9093");
    assertThat(topic.name()).isEqualTo("payments.booked");
    assertThat(topic.groupId()).isEqualTo("concordat");
    assertThat(topic.fromEnd()).isTrue();
    assertThat(topic.format().columns()).containsExactly("id", "booked");
    assertThat(config.http()).isEqualTo(new AgentConfig.Http("127.0.0.1", 9101));
    assertThat(config.alerts().console()).isEqualTo(AgentConfig.Console.JSON);
    assertThat(config.api())
        .contains(
            new AgentConfig.Api(
                "0.0.0.0",
                8443,
                Optional.of(
                    new AgentConfig.ApiTls(folder.resolve("tls.crt"), folder.resolve("tls.key"))),
                folder.resolve("tokens.yaml")));
    assertThat(config.alerts().file()).contains(folder.resolve("alerts.jsonl"));
    assertThat(config.alerts().topic()).isEmpty();
    assertThat(config.alerts().topicFormat()).isEqualTo(SinkSection.TopicFormat.CLOUDEVENTS);
    assertThat(config.alerts().webhook().orElseThrow().url().getHost()).isEqualTo("hooks.test");
    assertThat(config.alerts().syslog())
        .contains(
            new SinkSection.Syslog("siem.test", 6514, true, Optional.of(folder.resolve("ca.crt"))));
    assertThat(config.alerts().desk().treatment("mules"))
        .isEqualTo(new DeskConfig.Treatment(DeskConfig.Priority.CRITICAL, 20));
    assertThat(config.alerts().desk().treatment("other"))
        .isEqualTo(new DeskConfig.Treatment(DeskConfig.Priority.MEDIUM, 100));
  }

  @Test
  void alertsLeaveThisMachineEncryptedAndSignedWithALongSecret() throws IOException {
    String right =
        resource("short.yaml")
            + """
            alerts:
              webhook: {url: 'http://127.0.0.1:1/x', secret: hook.key}
              syslog: {host: localhost, tls: false}
            """;
    for (String[] wrong :
        new String[][] {
          {"http://127.0.0.1:1/x", "http://hooks.invalid/x", "CDT-720"},
          {"http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "CDT-106"},
          {"http://127.0.0.1:1/x", ":", "CDT-106"},
          {"hook.key", "alert.key", "CDT-721"},
          {"host: localhost", "host: siem.invalid", "CDT-720"},
          {"secret: hook.key", "secret: hook.key, secrets: x", "CDT-103"},
        }) {
      var problems = new Problems();
      String text = right.replace(wrong[0], wrong[1]);
      AgentConfig.read(Files.writeString(folder.resolve("agent.yaml"), text), problems);
      assertThat(problems.list())
          .as(wrong[1])
          .extracting(problem -> problem.code().label())
          .containsExactly(wrong[2]);
    }
    var problems = new Problems();
    AgentConfig.read(Files.writeString(folder.resolve("agent.yaml"), right), problems);
    assertThat(problems.list()).isEmpty();
  }

  @Test
  void fillsInWhatMayBeLeftOut() throws IOException {
    var problems = new Problems();
    AgentConfig config = read("short.yaml", problems);
    assertThat(problems.list()).isEmpty();
    assertThat(config.blocks()).isEqualTo(new AgentConfig.Blocks(1024, Duration.ofMillis(5)));
    assertThat(config.limits().seenAge()).isEqualTo(Duration.ofDays(35));
    assertThat(config.http().port()).isZero();
    assertThat(config.api()).isEmpty();
    assertThat(config.alerts().console()).isEqualTo(AgentConfig.Console.NONE);
  }

  @Test
  void theSpoolFitsOnTheDisk() throws IOException {
    String complete = resource("complete.yaml");
    String spool = "spoolBytesMax: 8_000_000";
    var problems = new Problems();
    config(complete.replace(spool, "spoolBytesMax: 3_000_000_000"), problems);
    assertThat(problems.list()).isEmpty();
    config(complete.replace(spool, "spoolBytesMax: 3_000_000_001"), problems);
    // By default the disk's bound is 256 GiB.
    config(
        complete.replace(spool, "spoolBytesMax: 274_877_906_945").replaceAll(" *diskBytes.*\n", ""),
        problems);
    assertThat(problems.list())
        .hasSize(2)
        .allSatisfy(
            problem -> {
              assertThat(problem.code()).isEqualTo(Code.CDT_106);
              assertThat(problem.reason())
                  .contains("[limits.diskBytesMax]", "less than spoolBytesMax");
              assertThat(problem.fix()).contains("lower spoolBytesMax");
            });
  }

  @Test
  void aRestSourceNeedsTheApiAndThereMustBeASource() throws IOException {
    String rest =
        resource("short.yaml")
            .replaceAll("(?s)ingest:.*", "")
            .concat(
                """
                ingest:
                  rest:
                    mapping: {reference: id, time: at, columns: {amount: a}}
                """);
    for (String wrong : new String[] {rest, rest.replaceAll("(?s)ingest:.*", "ingest: {}\n")}) {
      var problems = new Problems();
      AgentConfig.read(Files.writeString(folder.resolve("agent.yaml"), wrong), problems);
      assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_104);
    }
    var problems = new Problems();
    String right = rest + "api: {listen: 'localhost:0', tokens: tokens.yaml}\n";
    AgentConfig.read(Files.writeString(folder.resolve("agent.yaml"), right), problems);
    assertThat(problems.list()).isEmpty();
  }

  @Test
  void aTopicIsJsonFromItsStartUnlessSaidOtherwise() throws IOException {
    String complete = resource("complete.yaml");
    var problems = new Problems();
    AgentConfig.Topic topic =
        config(complete.replaceAll(" +(start|format|schema|schemaId): .*\n", ""), problems)
            .ingest()
            .kafka()
            .orElseThrow();
    assertThat(problems.list()).isEmpty();
    assertThat(topic.fromEnd()).isFalse();
    assertThat(topic.format().columns()).containsExactly("id", "at", "amount");
  }

  @Test
  void saysWhatIsWrongWithATopic() throws IOException {
    String complete = resource("complete.yaml");
    for (String[] wrong :
        new String[][] {
          {"topic: payments.booked", "topic: pay/ments", "CDT-106"},
          {"groupId: concordat", "groupId: " + "x".repeat(256), "CDT-106"},
          {"schema: payment.avsc", "schema: missing.avsc", "CDT-101"},
          {"schema: payment.avsc", "schema: tls.crt", "CDT-387"},
          {"    schema: payment.avsc\n", "", "CDT-104"},
          {"format: avro", "format: json", "CDT-103"},
          {"schemaId: 17", "schemaId: -1", "CDT-106"},
          {"schemaId: 17", "topicPrefix: x.", "CDT-103"},
        }) {
      var problems = new Problems();
      config(complete.replace(wrong[0], wrong[1]), problems);
      assertThat(problems.list())
          .as(wrong[1])
          .isNotEmpty()
          .allMatch(problem -> problem.code().label().equals(wrong[2]));
    }
    var problems = new Problems();
    config(complete.replace("groupId: concordat", "groupId: " + "x".repeat(255)), problems);
    assertThat(problems.list()).isEmpty();
  }

  private AgentConfig config(String text, Problems problems) throws IOException {
    return AgentConfig.read(Files.writeString(folder.resolve("agent.yaml"), text), problems);
  }

  /** Every error at once, each with its place and fix; the file is reviewed like code. */
  @Test
  void saysAllThatIsWrong() throws IOException {
    var problems = new Problems();
    read("wrong.yaml", problems);
    String said =
        problems.list().stream()
            .map(Problem::toString)
            .map(text -> text.replace(folder.toString(), "FOLDER"))
            .collect(Collectors.joining("\n", "", "\n"));
    assertThat(said).isEqualTo(resource("wrong.txt"));
  }
}
