package org.concordat.aggregator.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the peer links' certificate, read again whenever they have changed, so that a
 * certificate is replaced while the process runs. What can't be used is told once, and the last
 * good one stays: a certificate and its key can't be replaced at the same instant.
 */
public final class PeerTlsFiles implements Supplier<PeerTls> {
  private static final Logger log = LoggerFactory.getLogger(PeerTlsFiles.class);

  private record Stamp(FileTime changed, long bytes) {}

  private final Path certificate;
  private final Path key;
  private final Path authority;
  private List<Stamp> stamps;
  private PeerTls current;

  private PeerTlsFiles(
      Path certificate, Path key, Path authority, List<Stamp> stamps, PeerTls current) {
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
    List<Stamp> stamps = stamps(certificate, key, authority);
    return PeerTls.read(certificate, key, authority, problems)
        .map(tls -> new PeerTlsFiles(certificate, key, authority, stamps, tls));
  }

  /** What a connection that begins now shows and trusts. */
  @Override
  public synchronized PeerTls get() {
    // Before they are read: what changes meanwhile is a change of its own.
    List<Stamp> now = stamps(certificate, key, authority);
    if (!now.equals(stamps)) {
      stamps = now;
      readAgain();
    }
    return current;
  }

  private void readAgain() {
    var problems = new Problems();
    Optional<PeerTls> read = PeerTls.read(certificate, key, authority, problems);
    String name = PeerTls.nameIn(current.certificate());
    if (read.isPresent() && PeerTls.nameIn(read.get().certificate()).equals(name)) {
      current = read.get();
      log.info("event=peer-certificate-replaced until={}", expires());
    } else {
      log.warn(
          "event=peer-certificate-kept codes={}",
          problems.list().stream().map(Problem::code).distinct().toList());
    }
  }

  /** When the certificate that is used now expires. */
  public synchronized Instant expires() {
    return current.certificate().getNotAfter().toInstant();
  }

  private static List<Stamp> stamps(Path... files) {
    List<Stamp> stamps = new ArrayList<>();
    for (Path file : files) {
      try {
        stamps.add(new Stamp(Files.getLastModifiedTime(file), Files.size(file)));
      } catch (IOException e) {
        stamps.add(new Stamp(FileTime.fromMillis(0), -1));
      }
    }
    return stamps;
  }

  @Override
  public String toString() {
    return "PeerTlsFiles[" + certificate + "]";
  }
}
