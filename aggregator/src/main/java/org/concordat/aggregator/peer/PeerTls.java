package org.concordat.aggregator.peer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * What this aggregator shows its peers, and whom it trusts: a certificate chain, the private key
 * and one authority. Mutual TLS 1.3 only. Holds a private key: prints nothing of it.
 *
 * <p>Does NOT look for revoked certificates: a certificate is withdrawn by its expiry or by a new
 * authority. A link that is up stays up when its certificates expire.
 */
public final class PeerTls {
  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final String[] SUITES = {"TLS_AES_256_GCM_SHA384"};
  private static final char[] NO_PASSWORD = {};

  private final PrivateKey key;
  private final X509Certificate[] chain;
  private final X509Certificate authority;

  /**
   * @param key of the first certificate
   * @param chain 1 or more certificates, the aggregator's own first
   */
  public PeerTls(PrivateKey key, List<X509Certificate> chain, X509Certificate authority) {
    this.key = key;
    this.chain = chain.toArray(X509Certificate[]::new);
    this.authority = authority;
  }

  /**
   * Reads PEM files; the key is PKCS#8, unencrypted, EC, and private to its owner.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<PeerTls> read(
      Path certificate, Path key, Path authority, Problems problems) {
    int before = problems.list().size();
    List<X509Certificate> chain = certificates(certificate, problems);
    List<X509Certificate> trusted = certificates(authority, problems);
    Optional<PrivateKey> secret = privateKey(key, problems);
    if (problems.list().size() > before || secret.isEmpty()) {
      return Optional.empty();
    }
    if (!Certificates.belongTogether(chain.getFirst(), secret.get())) {
      problems.add(Problem.of(Code.CDT_559, Place.of(key.toString())));
      return Optional.empty();
    }
    return Optional.of(new PeerTls(secret.get(), chain, trusted.getFirst()));
  }

  private static List<X509Certificate> certificates(Path file, Problems problems) {
    try {
      List<X509Certificate> certificates =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!certificates.isEmpty()) {
        return certificates;
      }
      problems.add(Problem.of(Code.CDT_502, Place.of(file.toString())));
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
    } catch (GeneralSecurityException e) {
      problems.add(Problem.of(Code.CDT_502, Place.of(file.toString())));
    }
    return List.of();
  }

  private static Optional<PrivateKey> privateKey(Path file, Problems problems) {
    if (!KeyFiles.isPrivate(file, problems)) {
      return Optional.empty();
    }
    try {
      PrivateKey key = Certificates.privateKey(Files.readString(file, StandardCharsets.ISO_8859_1));
      if (key instanceof ECPrivateKey) {
        return Optional.of(key);
      }
      problems.add(Problem.of(Code.CDT_502, Place.of(file.toString())));
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
    } catch (IllegalArgumentException e) {
      problems.add(Problem.of(Code.CDT_502, Place.of(file.toString())));
    }
    return Optional.empty();
  }

  X509Certificate certificate() {
    return chain[0];
  }

  /** The name in a certificate's subject of exactly {@code CN=name}, or an empty string. */
  static String nameIn(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    String name = subject.startsWith("CN=") ? subject.substring("CN=".length()) : "";
    return name.matches("[a-z0-9-]{1,32}") ? name : "";
  }

  /**
   * Puts TLS on a connection and runs its handshake. Each connection has a context of its own, so
   * that no session is resumed and certificates are checked each time.
   *
   * @param names that the peer's certificate may carry
   */
  SSLSocket handshake(Socket connection, boolean client, Set<String> names) throws LinkFault {
    var check = new PeerCheck(authorityPath(), names);
    try {
      var socket =
          (SSLSocket)
              context(check)
                  .getSocketFactory()
                  .createSocket(connection, "peer", connection.getPort(), true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(PROTOCOLS);
      parameters.setCipherSuites(SUITES);
      parameters.setNeedClientAuth(true);
      socket.setUseClientMode(client);
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return socket;
    } catch (IOException e) {
      throw new LinkFault(check.fault().orElse(Code.CDT_558));
    }
  }

  /**
   * Dials a peer, runs a handshake and hangs up; the peer counts a refused connection. Does not see
   * whether the peer accepts this one's certificate: TLS 1.3 tells that later.
   *
   * @param name that its certificate has to carry
   * @return why this side would refuse the link: CDT-550 to CDT-552 or CDT-558; nothing if it
   *     wouldn't
   * @throws IOException nobody answers
   */
  public Optional<Code> probe(InetSocketAddress address, String name, Duration wait)
      throws IOException {
    try (var plain = new Socket()) {
      plain.connect(
          new InetSocketAddress(address.getHostString(), address.getPort()), (int) wait.toMillis());
      plain.setSoTimeout((int) wait.toMillis());
      handshake(plain, true, Set.of(name)).close();
      return Optional.empty();
    } catch (LinkFault fault) {
      return Optional.of(fault.code());
    }
  }

  private X509ExtendedTrustManager authorityPath() {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, NO_PASSWORD);
      trusted.setCertificateEntry("authority", authority);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("Every JDK checks certificate paths.", e);
    }
  }

  private SSLContext context(PeerCheck check) {
    try {
      KeyStore own = KeyStore.getInstance("PKCS12");
      own.load(null, NO_PASSWORD);
      own.setKeyEntry("own", key, NO_PASSWORD, chain);
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(own, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(keys.getKeyManagers(), new TrustManager[] {check}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("Every JDK has TLS 1.3 and in-memory key stores.", e);
    }
  }

  @Override
  public String toString() {
    return "PeerTls[" + chain[0].getSubjectX500Principal() + "]";
  }
}
