package org.concordat.schemas.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.concordat.schemas.identity.KeyFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client's certificate is replaced while the process runs, or stays as it is. */
class ClientTlsTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path folder;

  private final Certificates authority = Certificates.createAuthority("ca", DAY.multipliedBy(9));
  private final Map<String, Path> files = new LinkedHashMap<>();
  private Instant now = Instant.now();
  private long seconds = now.getEpochSecond();
  private ClientTls tls;

  @BeforeEach
  void begin() throws IOException {
    files.put(ClientTls.CERTIFICATE, folder.resolve("tls.crt"));
    files.put(ClientTls.KEY, folder.resolve("tls.key"));
    files.put(ClientTls.AUTHORITY, folder.resolve("ca.crt"));
    Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    put(authority.issue("bank-a", DAY));
    Map<String, String> read = new LinkedHashMap<>();
    for (var file : files.entrySet()) {
      read.put(file.getKey(), Files.readString(file.getValue()));
    }
    tls = new ClientTls("kafka", files, read, () -> now);
  }

  private void put(Issued issued) throws IOException {
    certificate(issued.certificatePem());
    key(issued);
  }

  private void certificate(String pem) throws IOException {
    touched(Files.writeString(folder.resolve("tls.crt"), pem));
  }

  private void key(Issued issued) throws IOException {
    Path file = folder.resolve("tls.key");
    Files.deleteIfExists(file);
    KeyFiles.writePrivate(file, issued.keyPem().getBytes(StandardCharsets.US_ASCII));
    touched(file);
  }

  /** A file's time may be coarse. */
  private void touched(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(seconds++)));
  }

  @Test
  void aPairIsTakenOnceBothAreThere() throws IOException {
    Map<String, String> before = tls.settings();
    assertThat(tls.settings()).as("nothing has changed").isSameAs(before);
    Issued second = authority.issue("bank-a", DAY);
    certificate(second.certificatePem());
    assertThat(tls.settings()).as("its key is still the old one").isSameAs(before);
    key(second);
    assertThat(tls.settings())
        .containsEntry(ClientTls.CERTIFICATE, second.certificatePem())
        .containsEntry(ClientTls.KEY, second.keyPem())
        .containsEntry(ClientTls.AUTHORITY, authority.authorityPem());
  }

  @Test
  void anotherAuthorityIsTaken() throws IOException {
    String both =
        authority.authorityPem() + Certificates.createAuthority("next", DAY).authorityPem();
    touched(Files.writeString(folder.resolve("ca.crt"), both));
    assertThat(tls.settings()).containsEntry(ClientTls.AUTHORITY, both);
  }

  @Test
  void whatCannotBeUsedLeavesTheLastOne() throws IOException {
    Map<String, String> before = tls.settings();
    put(authority.issue("bank-b", DAY));
    assertThat(tls.settings()).as("another's name").isSameAs(before);
    put(authority.issue("bank-a", now.minus(DAY), now.minusSeconds(60)));
    assertThat(tls.settings()).as("expired").isSameAs(before);
    certificate("");
    assertThat(tls.settings()).as("no certificate").isSameAs(before);
    Files.delete(folder.resolve("tls.crt"));
    assertThat(tls.settings()).as("no file").isSameAs(before);
    put(authority.issue("bank-a", DAY));
    Files.setPosixFilePermissions(
        folder.resolve("tls.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(tls.settings()).as("a key that others can read").isSameAs(before);
    assertThat(tls.toString()).doesNotContain("PRIVATE");
  }

  @Test
  void oneThatIsNotValidYetIsTakenOnceItIs() throws IOException {
    Map<String, String> before = tls.settings();
    put(authority.issue("bank-a", now.plus(DAY), now.plus(DAY.multipliedBy(2))));
    assertThat(tls.settings()).isSameAs(before);
    now = now.plus(DAY);
    assertThat(tls.settings()).isNotSameAs(before);
  }

  @Test
  void oneThatExpiresInUseStaysUntilItIsReplaced() throws IOException {
    Issued first = authority.issue("bank-a", now.minus(DAY), now.plusSeconds(60));
    put(first);
    assertThat(tls.settings()).containsEntry(ClientTls.CERTIFICATE, first.certificatePem());
    assertThat(tls.expired()).isFalse();
    now = now.plusSeconds(61);
    assertThat(tls.expired()).isTrue();
    assertThat(tls.settings()).containsEntry(ClientTls.CERTIFICATE, first.certificatePem());
    Issued second = authority.issue("bank-a", now.minus(DAY), now.plus(DAY));
    put(second);
    assertThat(tls.settings()).containsEntry(ClientTls.CERTIFICATE, second.certificatePem());
    assertThat(tls.expired()).isFalse();
  }

  @Test
  void withoutACertificateNoneExpires() {
    var sasl =
        new ClientTls(
            "kafka",
            Map.of(ClientTls.AUTHORITY, folder.resolve("ca.crt")),
            Map.of(ClientTls.AUTHORITY, authority.authorityPem()),
            () -> Instant.MAX);
    assertThat(sasl.expired()).isFalse();
    assertThat(sasl.settings()).containsOnlyKeys(ClientTls.AUTHORITY);
  }
}
