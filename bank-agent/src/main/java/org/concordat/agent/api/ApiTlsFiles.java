package org.concordat.agent.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.FileStamps;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the API's certificate and key, read again whenever they have changed, so that they
 * are replaced while the agent runs. What can't be used is told once, and the last good pair stays:
 * the two can't be replaced at the same instant, and one that isn't valid yet is looked at again
 * until it is.
 *
 * <p>Does NOT ask for the same name: callers go by the hosts in it, and those may change.
 */
final class ApiTlsFiles {
  private static final Logger LOG = LoggerFactory.getLogger(ApiTlsFiles.class);

  /** What the files held at a time, in PEM. Holds a private key: prints nothing of it. */
  static final class Pair {
    private final FileStamps stamps;
    private final String certificate;
    private final String key;

    private Pair(FileStamps stamps, String certificate, String key) {
      this.stamps = stamps;
      this.certificate = certificate;
      this.key = key;
    }

    PemKeyCertOptions options() {
      return new PemKeyCertOptions()
          .setCertValue(Buffer.buffer(certificate))
          .setKeyValue(Buffer.buffer(key));
    }

    @Override
    public String toString() {
      return "Pair" + stamps;
    }
  }

  private final AgentConfig.ApiTls files;
  private FileStamps refused = FileStamps.NONE;
  private volatile Pair shown;

  /** Reads the pair to begin with. What it is worth, the server finds out as it starts. */
  ApiTlsFiles(AgentConfig.ApiTls files) throws IOException {
    this.files = files;
    this.shown = read(files);
  }

  private static Pair read(AgentConfig.ApiTls files) throws IOException {
    FileStamps now = FileStamps.of(List.of(files.certificate(), files.key()));
    return new Pair(
        now,
        Files.readString(files.certificate(), StandardCharsets.ISO_8859_1),
        Files.readString(files.key(), StandardCharsets.ISO_8859_1));
  }

  /** The pair that the server shows now. */
  Pair shown() {
    return shown;
  }

  /** Its certificates in PEM. */
  String certificatePem() {
    return shown.certificate;
  }

  /** A pair that can be used and isn't shown yet; nothing while there is none. */
  Optional<Pair> renewed() {
    FileStamps now = FileStamps.of(List.of(files.certificate(), files.key()));
    if (now.equals(shown.stamps)) {
      return Optional.empty();
    }
    Pair next;
    try {
      next = read(files);
    } catch (IOException e) {
      keep(now, "unreadable");
      return Optional.empty();
    }
    Optional<String> fault = fault(next);
    fault.ifPresent(reason -> keep(next.stamps, reason));
    return fault.isEmpty() ? Optional.of(next) : Optional.empty();
  }

  /** The server shows a pair now. */
  void taken(Pair pair) {
    shown = pair;
    LOG.atInfo().log("The API's certificate is replaced.");
  }

  /** The server can't use a pair. */
  void refuse(Pair pair) {
    keep(pair.stamps, "the server can't use it");
  }

  private void keep(FileStamps now, String reason) {
    if (!now.equals(refused)) {
      refused = now;
      LOG.atWarn()
          .addKeyValue("code", Code.CDT_563.label())
          .addKeyValue("use", "api")
          .addKeyValue("reason", reason)
          .log(Code.CDT_563.cause());
    }
  }

  /** Why a pair can't be used; nothing if it can. */
  private Optional<String> fault(Pair pair) {
    try {
      Optional<X509Certificate> own = first(pair.certificate);
      if (own.isEmpty()) {
        return Optional.of("no certificate");
      }
      own.get().checkValidity();
      if (!KeyFiles.isPrivate(files.key(), new Problems())) {
        return Optional.of("others can read the key");
      }
      return Certificates.belongTogether(own.get(), Certificates.serverKey(pair.key))
          ? Optional.empty()
          : Optional.of("another key");
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return Optional.of("not valid at this time");
    } catch (CertificateException e) {
      return Optional.of("no certificate");
    } catch (IllegalArgumentException e) {
      return Optional.of("no key");
    }
  }

  private static Optional<X509Certificate> first(String pem) throws CertificateException {
    byte[] bytes = pem.getBytes(StandardCharsets.ISO_8859_1);
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(bytes))
        .stream()
        .map(X509Certificate.class::cast)
        .findFirst();
  }

  @Override
  public String toString() {
    return "ApiTlsFiles[" + files.certificate() + "]";
  }
}
