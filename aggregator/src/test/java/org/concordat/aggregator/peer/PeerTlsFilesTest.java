package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A peer certificate is replaced while the process runs. */
@Timeout(120)
class PeerTlsFilesTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir private Path folder;

  private Instant now = Instant.now();
  private long seconds = Instant.now().getEpochSecond();

  private PeerTlsFiles files(Certificates authority, Issued issued) throws IOException {
    Path ca = Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    certificate(issued);
    key(issued);
    var problems = new Problems();
    var read =
        PeerTlsFiles.read(
            folder.resolve("tls.crt"), folder.resolve("tls.key"), ca, () -> now, problems);
    problems.throwIfAny();
    return read.orElseThrow();
  }

  private void certificate(Issued issued) throws IOException {
    Path file = folder.resolve("tls.crt");
    touched(Files.writeString(file, issued.certificatePem()));
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
  void aPairIsTakenOnceBothAreThere() throws Exception {
    Certificates authority = Certificates.createAuthority("test-ca", DAY);
    Issued first = authority.issue("agg-1", DAY);
    PeerTlsFiles files = files(authority, first);
    PeerTls before = files.get();
    assertThat(files.get()).as("nothing has changed").isSameAs(before);

    Issued second = authority.issue("agg-1", DAY.multipliedBy(9));
    certificate(second);
    assertThat(files.get()).as("its key is still the old one").isSameAs(before);
    key(second);
    assertThat(files.get().certificate()).isEqualTo(second.certificate());
  }

  @Test
  void aPairIsTakenWhenItsEndIsAskedForToo() throws Exception {
    Certificates authority = Certificates.createAuthority("test-ca", DAY);
    Issued first = authority.issue("agg-1", DAY);
    PeerTlsFiles files = files(authority, first);
    assertThat(files.expires()).isEqualTo(first.certificate().getNotAfter().toInstant());
    Issued second = authority.issue("agg-1", DAY.multipliedBy(9));
    certificate(second);
    key(second);
    assertThat(files.expires())
        .as("no link was made meanwhile")
        .isEqualTo(second.certificate().getNotAfter().toInstant());
  }

  @Test
  void whatCantBeUsedLeavesTheLastOne() throws Exception {
    Certificates authority = Certificates.createAuthority("test-ca", DAY);
    PeerTlsFiles files = files(authority, authority.issue("agg-1", DAY));
    PeerTls before = files.get();
    Issued other = authority.issue("agg-2", DAY);
    certificate(other);
    key(other);
    assertThat(files.get()).as("another's name").isSameAs(before);
    Files.delete(folder.resolve("tls.crt"));
    assertThat(files.get()).as("no file").isSameAs(before);
  }

  @Test
  void oneThatIsNotValidNowLeavesTheLastOne() throws Exception {
    Certificates authority = Certificates.createAuthority("test-ca", DAY);
    PeerTlsFiles files = files(authority, authority.issue("agg-1", DAY));
    PeerTls before = files.get();
    Issued expired = authority.issue("agg-1", now.minus(DAY), now.minusSeconds(60));
    certificate(expired);
    key(expired);
    assertThat(files.get()).as("expired").isSameAs(before);
    Issued early = authority.issue("agg-1", now.plus(DAY), now.plus(DAY.multipliedBy(2)));
    certificate(early);
    key(early);
    assertThat(files.get()).as("not valid yet").isSameAs(before);
    now = now.plus(DAY);
    assertThat(files.get().certificate()).isEqualTo(early.certificate());
  }

  @Test
  void anExpiredOneIsReplacedWithoutARestart() throws Exception {
    try (var consortium = new Consortium(Consortium.LIMITS)) {
      consortium.start(2, s -> s, consortium.tls(2));
      consortium.start(1, s -> s, consortium.tls(1));
      PeerTlsFiles files =
          files(
              consortium.authority,
              consortium.authority.issue("agg-1", now.minus(DAY), now.minusSeconds(60)));
      var ear = new Ear();
      PeerSettings settings = consortium.settings(0, 0);
      consortium.links[0] = PeerLinks.listen(settings, files, Consortium.LIMITS, LinkShape.NONE);
      consortium.links[0].open(settings.view(), settings.peers(), Consortium.LIMITS, ear);
      while (consortium.links[1].statistics().faults(Code.CDT_551) == 0) {
        Thread.onSpinWait();
      }
      Issued renewed = consortium.authority.issue("agg-1", DAY);
      certificate(renewed);
      key(renewed);
      assertThat(ear.nextUp().isUp()).isTrue();
    }
  }
}
