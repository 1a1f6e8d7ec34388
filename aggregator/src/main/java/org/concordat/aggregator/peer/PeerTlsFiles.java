package org.concordat.aggregator.peer;

import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.concordat.schemas.identity.FileStamps;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the peer links' certificate, read again whenever they have changed, so that a
 * certificate is replaced while the process runs. What can't be used is told once, and the last
 * good one stays: a certificate and its key can't be replaced at the same instant, and one that
 * isn't valid yet is looked at again until it is.
 */
public final class PeerTlsFiles implements Supplier<PeerTls> {
  private static final Logger log = LoggerFactory.getLogger(PeerTlsFiles.class);

  private final Path certificate;
  private final Path key;
  private final Path authority;
  private final InstantSource clock;
  private FileStamps stamps;
  private FileStamps refused = FileStamps.NONE;
  private PeerTls current;

  private PeerTlsFiles(
      Path certificate,
      Path key,
      Path authority,
      InstantSource clock,
      FileStamps stamps,
      PeerTls current) {
    this.clock = clock;
    this.certificate = certificate;
    this.key = key;
    this.authority = authority;
    this.stamps = stamps;
    this.current = current;
  }

  /**
   * Reads the files of {@link PeerTls#read}.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<PeerTlsFiles> read(
      Path certificate, Path key, Path authority, Problems problems) {
    return read(certificate, key, authority, InstantSource.system(), problems);
  }

  /** As above, by another clock. */
  static Optional<PeerTlsFiles> read(
      Path certificate, Path key, Path authority, InstantSource clock, Problems problems) {
    FileStamps stamps = FileStamps.of(List.of(certificate, key, authority));
    return PeerTls.read(certificate, key, authority, problems)
        .map(tls -> new PeerTlsFiles(certificate, key, authority, clock, stamps, tls));
  }

  /** What a connection that begins now shows and trusts. */
  @Override
  public synchronized PeerTls get() {
    FileStamps now = FileStamps.of(List.of(certificate, key, authority));
    if (!now.equals(stamps)) {
      readAgain(now);
    }
    return current;
  }

  private void readAgain(FileStamps now) {
    var problems = new Problems();
    Optional<PeerTls> read = PeerTls.read(certificate, key, authority, problems);
    read.ifPresent(tls -> check(tls, problems));
    if (read.isPresent() && problems.isEmpty()) {
      stamps = now;
      current = read.get();
      log.info("event=peer-certificate-replaced until={}", end(current));
    } else if (!now.equals(refused)) {
      refused = now;
      log.warn(
          "event=peer-certificate-kept code={} causes={}",
          Code.CDT_563.label(),
          problems.list().stream().map(Problem::code).distinct().toList());
    }
  }

  private void check(PeerTls tls, Problems problems) {
    Place place = Place.of(certificate.toString());
    if (!PeerTls.nameIn(tls.certificate()).equals(PeerTls.nameIn(current.certificate()))) {
      problems.add(Problem.of(Code.CDT_552, place));
    }
    try {
      tls.certificate().checkValidity(Date.from(clock.instant()));
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      problems.add(Problem.of(Code.CDT_551, place));
    }
  }

  /**
   * When the certificate expires that the next connection shows. It reads the files too: links can
   * be up for months, and that a certificate was replaced, or can't be used, is to be seen at once.
   */
  public Instant expires() {
    return end(get());
  }

  private static Instant end(PeerTls tls) {
    return tls.certificate().getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return "PeerTlsFiles[" + certificate + "]";
  }
}
