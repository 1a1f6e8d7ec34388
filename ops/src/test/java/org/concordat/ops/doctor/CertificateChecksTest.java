package org.concordat.ops.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.concordat.agent.config.AgentConfig;
import org.concordat.ops.doctor.Finding.Level;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked at of the certificate of an agent's API, whoever has issued it. */
class CertificateChecksTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path folder;

  private final Instant now = Instant.now();
  private final Certificates authority = Certificates.createAuthority("web-ca", DAY);

  private Finding look(String certificatePem, String keyPem) throws IOException {
    return CertificateChecks.api(
        new AgentConfig.ApiTls(
            Files.writeString(folder.resolve("tls.crt"), certificatePem),
            Files.writeString(folder.resolve("tls.key"), keyPem)));
  }

  private Finding look(Issued issued) throws IOException {
    return look(issued.certificatePem(), issued.keyPem());
  }

  private static void assertFailure(Finding finding, String text) {
    assertThat(finding.level()).isEqualTo(Level.FAIL);
    assertThat(finding.text()).isEqualTo("api: " + text);
    assertThat(finding.fix()).isNotBlank();
  }

  @Test
  void itShouldBeValidForAMonth() throws IOException {
    assertThat(look(authority.issue("api", DAY.multipliedBy(31))).level()).isEqualTo(Level.OK);
    Finding soon = look(authority.issue("api", DAY.multipliedBy(29)));
    assertThat(soon.level()).isEqualTo(Level.WARN);
    assertThat(soon.text()).startsWith("api: valid until ");
    assertFailure(
        look(authority.issue("api", now.minus(DAY), now.minusSeconds(60))), "it has expired");
    assertFailure(look(authority.issue("api", now.plus(DAY), now.plus(DAY))), "it isn't valid yet");
  }

  @Test
  void itHasToBeReadableAndThatOfTheKey() throws IOException {
    Issued issued = authority.issue("api", DAY);
    Issued other = authority.issue("api", DAY);
    assertFailure(
        look(issued.certificatePem(), other.keyPem()), "it isn't that of the private key");
    assertFailure(look(issued.certificatePem(), "x"), "it or its key can't be read");
    assertFailure(look("", issued.keyPem()), "the file holds none");
    assertFailure(
        look("-----BEGIN CERTIFICATE-----\nAAAA\n", issued.keyPem()),
        "it or its key can't be read");
  }
}
