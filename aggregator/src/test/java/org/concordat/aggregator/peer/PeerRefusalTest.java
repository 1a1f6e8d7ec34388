package org.concordat.aggregator.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.concordat.aggregator.peer.PeerSettings.Versions;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.Certificates.Issued;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.Digest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who isn't let in, and under which code. */
@Timeout(120)
class PeerRefusalTest {
  private static final Duration DAY = Duration.ofDays(1);

  private static void awaitFault(PeerLinks links, Code code) {
    while (links.statistics().faults(code) == 0) {
      Thread.onSpinWait();
    }
  }

  /** Parties 1 and 2 as they should be; party 0 is up to the test. */
  private static Consortium withoutFirst() {
    var consortium = new Consortium(Consortium.LIMITS);
    consortium.start(2, s -> s, consortium.tls(2));
    consortium.start(1, s -> s, consortium.tls(1));
    return consortium;
  }

  private static void assertNoSession(Consortium consortium) {
    for (PeerLinks links : consortium.links) {
      assertThat(links.session()).isEmpty();
    }
  }

  @Test
  void aCallerOfAForeignAuthorityIsRefused() {
    try (var consortium = withoutFirst()) {
      Issued foreign = Certificates.createAuthority("test-ca", DAY).issue("agg-1", DAY);
      consortium.start(0, s -> s, consortium.tls(foreign));
      awaitFault(consortium.links[1], Code.CDT_550);
      awaitFault(consortium.links[2], Code.CDT_550);
      assertNoSession(consortium);
    }
  }

  @Test
  void aCalledPeerOfAForeignAuthorityIsRefused() {
    try (var consortium = new Consortium(Consortium.LIMITS)) {
      Issued foreign = Certificates.createAuthority("test-ca", DAY).issue("agg-3", DAY);
      consortium.start(2, s -> s, consortium.tls(foreign));
      consortium.start(1, s -> s, consortium.tls(1));
      awaitFault(consortium.links[1], Code.CDT_550);
      assertThat(consortium.links[1].waitingFor())
          .anySatisfy(
              w -> {
                assertThat(w.peer()).isEqualTo("agg-3");
                assertThat(w.awaited()).isEqualTo("link (CDT-550)");
              });
    }
  }

  @Test
  void aProbeSeesWhatALinkWouldRefuse() throws IOException {
    try (var consortium = withoutFirst()) {
      InetSocketAddress second =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), consortium.links[1].port());
      assertThat(consortium.tls(0).probe(second, "agg-2", DAY)).isEmpty();
      assertThat(consortium.tls(0).probe(second, "agg-3", DAY)).contains(Code.CDT_552);
      var stranger = new Consortium(Consortium.LIMITS);
      assertThat(stranger.tls(0).probe(second, "agg-2", DAY)).contains(Code.CDT_550);
    }
  }

  @Test
  void expiredAndFutureCertificatesAreRefused() {
    Instant now = Instant.now();
    for (Duration offset : List.of(DAY.negated(), DAY)) {
      try (var consortium = withoutFirst()) {
        Issued outOfTime =
            consortium.authority.issue(
                "agg-1",
                now.plus(offset).minus(Duration.ofHours(1)),
                now.plus(offset).plus(Duration.ofHours(1)));
        consortium.start(0, s -> s, consortium.tls(outOfTime));
        awaitFault(consortium.links[1], Code.CDT_551);
        assertNoSession(consortium);
      }
    }
  }

  @Test
  void aCallerWhoIsNoAggregatorIsRefused() {
    try (var consortium = withoutFirst()) {
      Charter charter = consortium.charter;
      List<Aggregator> others = new ArrayList<>(charter.aggregators());
      others.set(
          0, new Aggregator("bank-a", "x", SigningKey.generate(new SecureRandom()).verifier()));
      var pretended =
          new Charter(
              charter.hash(),
              1,
              charter.hash(),
              charter.consortium(),
              charter.mode(),
              charter.suite(),
              charter.partitions(),
              charter.quorum(),
              false,
              charter.epochDays(),
              charter.contractVersions(),
              charter.caps(),
              others,
              List.of());
      consortium.start(
          0,
          s ->
              new PeerSettings(
                  pretended,
                  "bank-a",
                  s.listen(),
                  s.peers(),
                  s.epoch(),
                  s.ruleSetHash(),
                  s.planFormats()),
          consortium.tls(consortium.authority.issue("bank-a", DAY)));
      awaitFault(consortium.links[1], Code.CDT_552);
      awaitFault(consortium.links[2], Code.CDT_552);
      assertNoSession(consortium);
    }
  }

  @Test
  void aPeerWhoIsNotTheOneCalledIsRefused() {
    try (var consortium = withoutFirst()) {
      consortium.start(
          0,
          s -> {
            Map<String, InetSocketAddress> swapped = new HashMap<>(s.peers());
            swapped.put("agg-3", s.peers().get("agg-2"));
            return new PeerSettings(
                s.charter(),
                s.name(),
                s.listen(),
                swapped,
                s.epoch(),
                s.ruleSetHash(),
                s.planFormats());
          },
          consortium.tls(0));
      awaitFault(consortium.links[0], Code.CDT_552);
      assertNoSession(consortium);
    }
  }

  private static PeerSettings changed(
      PeerSettings s, Charter charter, long epoch, Digest ruleSet, Versions formats) {
    return new PeerSettings(charter, s.name(), s.listen(), s.peers(), epoch, ruleSet, formats);
  }

  @Test
  void anotherCharterRuleSetOrFormatIsRefusedAtBothEnds() {
    record Change(Code code, UnaryOperator<PeerSettings> apply) {}

    byte[] other = new byte[32];
    other[0] = 1;
    for (Change change :
        List.of(
            new Change(
                Code.CDT_554,
                s ->
                    changed(s, Consortium.charter(2), s.epoch(), s.ruleSetHash(), s.planFormats())),
            new Change(
                Code.CDT_555,
                s -> changed(s, s.charter(), s.epoch(), new Digest(other), s.planFormats())),
            new Change(
                Code.CDT_553,
                s -> changed(s, s.charter(), s.epoch(), s.ruleSetHash(), new Versions(2, 3))))) {
      try (var consortium = withoutFirst()) {
        consortium.start(0, change.apply(), consortium.tls(0));
        awaitFault(consortium.links[0], change.code());
        awaitFault(consortium.links[1], change.code());
        assertNoSession(consortium);
      }
    }
  }

  @Test
  void overlappingFormatsWorkTogether() {
    try (var consortium = withoutFirst()) {
      consortium.start(
          0,
          s -> changed(s, s.charter(), s.epoch(), s.ruleSetHash(), new Versions(1, 2)),
          consortium.tls(0));
      assertThat(consortium.sessions()[0].isUp()).isTrue();
    }
  }

  @Test
  void anOlderWorkerIsRefusedAndANewerOneTakesOver() {
    try (var consortium = withoutFirst()) {
      consortium.start(0, s -> withEpoch(s, 5), consortium.tls(0));
      consortium.sessions();
      PeerLinks newest = consortium.links[0];
      consortium.start(0, s -> withEpoch(s, 4), consortium.tls(0));
      awaitFault(consortium.links[1], Code.CDT_556);
      awaitFault(consortium.links[0], Code.CDT_564);
      assertThat(newest.session()).isPresent();
      consortium.links[0].close();

      consortium.start(0, s -> withEpoch(s, 6), consortium.tls(0));
      consortium.ears[1].nextDown();
      assertThat(consortium.ears[0].nextUp().isUp()).isTrue();
      awaitFault(consortium.links[1], Code.CDT_556);
      newest.close();
    }
  }

  @Test
  void anOlderWorkerIsRefusedThoughTheNewerIsGone() {
    try (var consortium = withoutFirst()) {
      consortium.start(0, s -> withEpoch(s, 5), consortium.tls(0));
      consortium.sessions();
      consortium.links[0].close();
      consortium.ears[1].nextDown();
      consortium.start(0, s -> withEpoch(s, 4), consortium.tls(0));
      awaitFault(consortium.links[1], Code.CDT_556);
      assertThat(consortium.links[1].session()).isEmpty();
    }
  }

  @Test
  void aWorkerThatBeganByAClockAheadShutsOutNoLaterOneOnceItIsGone() {
    try (var consortium = withoutFirst()) {
      long ahead = System.currentTimeMillis() + DAY.toMillis();
      consortium.start(0, s -> withEpoch(s, ahead), consortium.tls(0));
      consortium.sessions();
      PeerLinks first = consortium.links[0];
      consortium.start(0, s -> withEpoch(s, ahead - 1), consortium.tls(0));
      awaitFault(consortium.links[1], Code.CDT_556);
      assertThat(first.session()).isPresent();
      consortium.links[0].close();
      first.close();

      long right = System.currentTimeMillis();
      consortium.start(0, s -> withEpoch(s, right), consortium.tls(0));
      assertThat(consortium.ears[0].nextUp().isUp()).isTrue();
    }
  }

  private static PeerSettings withEpoch(PeerSettings s, long epoch) {
    return changed(s, s.charter(), epoch, s.ruleSetHash(), s.planFormats());
  }

  @Test
  void whateverIsNotTlsIsRefused() throws IOException {
    try (var consortium = withoutFirst();
        var caller = new Socket(InetAddress.getLoopbackAddress(), consortium.links[1].port())) {
      caller.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes("US-ASCII"));
      awaitFault(consortium.links[1], Code.CDT_558);
    }
  }

  @Test
  void callersBeyondTheHandshakeSlotsAreTurnedAway() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try (var consortium = new Consortium(Consortium.LIMITS)) {
      consortium.start(2, s -> s, consortium.tls(2));
      for (int i = 0; i <= PeerLinks.HANDSHAKES_MAX; i++) {
        idle.add(new Socket(InetAddress.getLoopbackAddress(), consortium.links[2].port()));
      }
      assertThat(idle.getLast().getInputStream().read()).isEqualTo(-1);
      assertThat(consortium.links[2].statistics().turnedAway()).isEqualTo(1);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void aCallerWhoSaysNothingIsClosedInTime() throws IOException {
    PeerLimits usual = Consortium.LIMITS;
    var impatient =
        new PeerLimits(
            usual.bufferSlowBytes(),
            usual.bufferBytesMax(),
            usual.channelsAheadMax(),
            usual.framesPerKey(),
            Duration.ofMillis(100),
            usual.heartbeat(),
            usual.silence(),
            usual.retryFirst(),
            usual.retryMax());
    try (var consortium = new Consortium(impatient)) {
      consortium.start(2, s -> s, consortium.tls(2));
      try (var idle = new Socket(InetAddress.getLoopbackAddress(), consortium.links[2].port())) {
        assertThat(idle.getInputStream().read()).isEqualTo(-1);
      }
      awaitFault(consortium.links[2], Code.CDT_558);
    }
  }

  @Test
  void anAddressInUseAndAForeignCertificateOfOnesOwnStopTheStart() {
    try (var consortium = withoutFirst()) {
      int taken = consortium.links[2].port();
      assertThatThrownBy(() -> consortium.start(1, taken, s -> s, consortium.tls(1)))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              e -> assertThat(e.problems().getFirst().code()).isEqualTo(Code.CDT_656));
      assertThatThrownBy(() -> consortium.start(1, s -> s, consortium.tls(0)))
          .isInstanceOfSatisfying(
              InvalidInputException.class,
              e -> assertThat(e.problems().getFirst().code()).isEqualTo(Code.CDT_552));
    }
  }

  @Test
  void certificateFilesAreCheckedWhenRead(@TempDir Path folder) throws IOException {
    Certificates authority = Certificates.createAuthority("test-ca", DAY);
    Issued issued = authority.issue("agg-1", DAY);
    Path ca = Files.writeString(folder.resolve("ca.crt"), authority.authorityPem());
    Path certificate = Files.writeString(folder.resolve("tls.crt"), issued.certificatePem());
    Path key = folder.resolve("tls.key");
    KeyFiles.writePrivate(key, issued.keyPem().getBytes("US-ASCII"));
    assertThat(codes(certificate, key, ca)).isEmpty();

    Path other = folder.resolve("other.key");
    KeyFiles.writePrivate(other, authority.issue("agg-1", DAY).keyPem().getBytes("US-ASCII"));
    assertThat(codes(certificate, other, ca)).containsExactly(Code.CDT_559);
    assertThat(codes(folder.resolve("absent.crt"), key, ca)).containsExactly(Code.CDT_101);
    Path garbage = folder.resolve("garbage.key");
    KeyFiles.writePrivate(garbage, "garbage".getBytes("US-ASCII"));
    assertThat(codes(certificate, garbage, ca)).containsExactly(Code.CDT_502);
    assertThat(codes(certificate, key, garbage)).containsExactly(Code.CDT_502);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(codes(certificate, key, ca)).containsExactly(Code.CDT_501);
  }

  private static List<Code> codes(Path certificate, Path key, Path authority) {
    var problems = new Problems();
    boolean read = PeerTls.read(certificate, key, authority, problems).isPresent();
    assertThat(read).isEqualTo(problems.isEmpty());
    return problems.list().stream().map(Problem::code).toList();
  }
}
