package org.concordat.schemas.bus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.FileStamps;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client shows the brokers and whom it trusts, read again whenever the files have changed,
 * so that a certificate is replaced while the process runs. What can't be used is told once, and
 * the last good one stays: a certificate and its key can't be replaced at the same instant. That
 * the certificate in use has expired is told once too. Holds a private key: prints nothing of it.
 */
public final class ClientTls {
  /** Under which Kafka's clients are handed this object. */
  public static final String SETTING = "concordat.client.tls";

  static final String CERTIFICATE = "ssl.keystore.certificate.chain";
  static final String KEY = "ssl.keystore.key";
  static final String AUTHORITY = "ssl.truststore.certificates";

  private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);

  /** Why what was read can't be used. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    UnusableException(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private final String use;
  private final Map<String, Path> files;
  private final InstantSource clock;
  private FileStamps stamps;
  private FileStamps refused = FileStamps.NONE;
  private Map<String, String> current;

  /** When {@link #current} expires. */
  private Instant end;

  private boolean endTold;

  /**
   * @param use what the certificate is for, as logs and metrics name it
   * @param files by setting of Kafka's; certificate and key, or neither, and an authority
   * @param read what they hold now
   */
  ClientTls(String use, Map<String, Path> files, Map<String, String> read, InstantSource clock) {
    this.use = use;
    this.files = new LinkedHashMap<>(files);
    this.clock = clock;
    this.stamps = FileStamps.of(files.values());
    this.current = Map.copyOf(read);
    this.end = end(read);
  }

  /** PEM by setting of Kafka's, for a connection that begins now; the same map until it changes. */
  public synchronized Map<String, String> settings() {
    FileStamps now = FileStamps.of(files.values());
    if (!now.equals(stamps)) {
      readAgain(now);
    }
    tellEnd();
    return current;
  }

  /** Connections that are up stay up; brokers refuse each new one. */
  private void tellEnd() {
    if (!endTold && expired()) {
      endTold = true;
      LOG.atError()
          .addKeyValue("code", Code.CDT_565.label())
          .addKeyValue("use", use)
          .log(Code.CDT_565.cause());
    }
  }

  /** Whether the certificate that connections show has expired. */
  synchronized boolean expired() {
    return clock.instant().isAfter(end);
  }

  private void readAgain(FileStamps now) {
    try {
      Map<String, String> read = new LinkedHashMap<>();
      for (Map.Entry<String, Path> file : files.entrySet()) {
        read.put(file.getKey(), Files.readString(file.getValue(), StandardCharsets.US_ASCII));
      }
      validate(read);
      stamps = now;
      current = Map.copyOf(read);
      end = end(read);
      endTold = false;
      LOG.atInfo().addKeyValue("use", use).log("The certificate for the brokers is replaced.");
    } catch (IOException e) {
      keep(now, "unreadable");
    } catch (UnusableException e) {
      keep(now, e.reason);
    }
  }

  private void keep(FileStamps now, String reason) {
    if (!now.equals(refused)) {
      refused = now;
      LOG.atWarn()
          .addKeyValue("code", Code.CDT_563.label())
          .addKeyValue("use", use)
          .addKeyValue("reason", reason)
          .log(Code.CDT_563.cause());
    }
  }

  private void validate(Map<String, String> read) throws UnusableException {
    first(read, AUTHORITY);
    Path keyFile = files.get(KEY);
    if (keyFile == null) {
      return;
    }
    X509Certificate own = first(read, CERTIFICATE);
    if (!own.getSubjectX500Principal()
        .equals(first(current, CERTIFICATE).getSubjectX500Principal())) {
      throw new UnusableException("another name");
    }
    Date now = Date.from(clock.instant());
    if (now.before(own.getNotBefore()) || now.after(own.getNotAfter())) {
      throw new UnusableException("not valid at this time");
    }
    if (!KeyFiles.isPrivate(keyFile, new Problems())) {
      throw new UnusableException("others can read the key");
    }
    if (!belongTogether(own, read.getOrDefault(KEY, ""))) {
      throw new UnusableException("another key");
    }
  }

  private static X509Certificate first(Map<String, String> read, String setting)
      throws UnusableException {
    byte[] pem = read.getOrDefault(setting, "").getBytes(StandardCharsets.US_ASCII);
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem))
          .stream()
          .map(X509Certificate.class::cast)
          .findFirst()
          .orElseThrow(() -> new UnusableException("no certificate"));
    } catch (GeneralSecurityException e) {
      throw new UnusableException("no certificate");
    }
  }

  private static Instant end(Map<String, String> read) {
    try {
      return first(read, CERTIFICATE).getNotAfter().toInstant();
    } catch (UnusableException e) {
      // There is none, or it was said elsewhere that it can't be read.
      return Instant.MAX;
    }
  }

  private static boolean belongTogether(X509Certificate certificate, String keyPem) {
    try {
      return Certificates.belongTogether(certificate, Certificates.privateKey(keyPem));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "ClientTls" + files.values();
  }
}
