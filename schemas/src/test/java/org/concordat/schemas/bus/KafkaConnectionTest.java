package org.concordat.schemas.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The section {@code kafka} gives what clients need for mutual TLS, and every fault by place. */
class KafkaConnectionTest {
  private static final String SECTION =
      """
      kafka:
        bootstrap: localhost:9092
        certificate: tls.crt
        key: tls.key
        authority: ca.crt
        topicPrefix: fraud.
      """;

  @TempDir private Path folder;
  private final Problems problems = new Problems();
  private final Certificates authority = Certificates.createAuthority("ca", Duration.ofDays(1));
  private final Certificates.Issued issued = authority.issue("bank-a", Duration.ofDays(1));

  private KafkaConnection read(String text) {
    Document document = Document.parse("agent.yaml", text, problems);
    KafkaConnection connection = KafkaConnection.read(document.get("kafka"), folder);
    document.finish();
    return connection;
  }

  private void files() throws IOException {
    Files.writeString(folder.resolve("tls.crt"), issued.certificatePem());
    Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    KeyFiles.writePrivate(
        folder.resolve("tls.key"), issued.keyPem().getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void givesPropertiesForMutualTls() throws IOException {
    files();
    KafkaConnection connection = read(SECTION);
    assertThat(problems.list()).isEmpty();
    assertThat(connection.bootstrap()).isEqualTo("localhost:9092");
    assertThat(connection.topicPrefix()).isEqualTo("fraud.");
    assertThat(connection.properties())
        .containsEntry("bootstrap.servers", "localhost:9092")
        .containsEntry("security.protocol", "SSL")
        .containsEntry("ssl.enabled.protocols", "TLSv1.3")
        .containsEntry("ssl.keystore.key", issued.keyPem())
        .containsEntry("ssl.keystore.certificate.chain", issued.certificatePem())
        .containsEntry("ssl.truststore.certificates", authority.authorityPem())
        .doesNotContainKey("ssl.endpoint.identification.algorithm");
    assertThat(connection).hasToString("KafkaConnection[localhost:9092]");
  }

  @Test
  void aKeyThatWasReplacedIsHeldNoMore() throws IOException {
    files();
    KafkaConnection connection = read(SECTION);
    assertThat(connection.settings())
        .containsEntry("ssl.keystore.type", "PEM")
        .doesNotContainValue(issued.keyPem())
        .doesNotContainKeys("ssl.keystore.key", "ssl.truststore.certificates");
    Certificates.Issued next = authority.issue("bank-a", Duration.ofDays(1));
    Files.delete(folder.resolve("tls.key"));
    Files.writeString(folder.resolve("tls.crt"), next.certificatePem());
    KeyFiles.writePrivate(
        folder.resolve("tls.key"), next.keyPem().getBytes(StandardCharsets.US_ASCII));
    Files.setLastModifiedTime(folder.resolve("tls.key"), FileTime.fromMillis(1_000));
    assertThat(connection.properties())
        .containsEntry("ssl.keystore.key", next.keyPem())
        .containsEntry("ssl.keystore.certificate.chain", next.certificatePem())
        .doesNotContainValue(issued.keyPem());
  }

  @Test
  void aKeyThatOthersCanReadIsRefused() throws IOException {
    files();
    Files.setPosixFilePermissions(
        folder.resolve("tls.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(read(SECTION).properties().get("ssl.keystore.key")).isEqualTo("");
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_501);
  }

  private static final String SCRAM =
      """
      security.protocol=SASL_SSL
      sasl.mechanism=SCRAM-SHA-512
      sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
        username="bank-a" password="not-for-logs";
      """;

  private static final String SASL_SECTION =
      """
      kafka:
        bootstrap: localhost:9092
        properties: sasl.properties
        authority: ca.crt
      """;

  private void settings(String text) throws IOException {
    Path file = folder.resolve("sasl.properties");
    Files.deleteIfExists(file);
    KeyFiles.writePrivate(file, text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void saslNeedsNoCertificate() throws IOException {
    files();
    settings(SCRAM);
    KafkaConnection connection = read(SASL_SECTION);
    assertThat(problems.list()).isEmpty();
    assertThat(connection.properties())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .containsEntry("ssl.enabled.protocols", "TLSv1.3")
        .containsEntry("ssl.truststore.certificates", authority.authorityPem())
        .containsKey("sasl.jaas.config")
        .doesNotContainKeys("ssl.keystore.key", "ssl.keystore.certificate.chain");
    assertThat(connection.certificatePem()).isEmpty();
    assertThat(connection.toString()).doesNotContain("not-for-logs");
  }

  @Test
  void saslMayHaveACertificateToo() throws IOException {
    files();
    settings(SCRAM);
    KafkaConnection connection = read(SASL_SECTION + "  certificate: tls.crt\n  key: tls.key\n");
    assertThat(problems.list()).isEmpty();
    assertThat(connection.properties()).containsEntry("ssl.keystore.key", issued.keyPem());
  }

  @Test
  void settingsThatArentOfSaslAreRefused() throws IOException {
    files();
    settings(
        SCRAM.replace("SASL_SSL", "SASL_PLAINTEXT").replace("SCRAM-SHA-512", "PLAIN")
            + "acks=0\nssl.endpoint.identification.algorithm=\n");
    read(SASL_SECTION);
    assertThat(problems.list()).hasSize(4).allMatch(p -> p.code() == Code.CDT_108);
    assertThat(problems.list().toString())
        .contains("acks", "security.protocol", "sasl.mechanism", "ssl.endpoint")
        .doesNotContain("not-for-logs");
  }

  @Test
  void settingsThatOthersCanReadAreRefused() throws IOException {
    files();
    settings(SCRAM);
    Files.setPosixFilePermissions(
        folder.resolve("sasl.properties"), PosixFilePermissions.fromString("rw-r-----"));
    read(SASL_SECTION);
    assertThat(problems.list()).extracting(Problem::code).containsExactly(Code.CDT_501);
  }

  @Test
  void everyFaultIsNamed() throws IOException {
    read(SECTION);
    assertThat(problems.list()).hasSize(3).allMatch(p -> p.code() == Code.CDT_101);

    problems.list();
    var more = new Problems();
    files();
    Document document =
        Document.parse(
            "agent.yaml",
            SECTION.replace("fraud.", "no dot").replace("bootstrap", "bootstap"),
            more);
    KafkaConnection.read(document.get("kafka"), folder);
    document.finish();
    assertThat(more.list())
        .extracting(Problem::code)
        .containsExactlyInAnyOrder(Code.CDT_106, Code.CDT_104, Code.CDT_103);
  }

  @Test
  void thePrefixMayBeMissing() throws IOException {
    files();
    assertThat(read(SECTION.replace("  topicPrefix: fraud.\n", "")).topicPrefix()).isEmpty();
    assertThat(problems.list()).isEmpty();
  }
}
