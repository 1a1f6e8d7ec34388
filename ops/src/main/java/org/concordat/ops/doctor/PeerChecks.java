package org.concordat.ops.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.concordat.aggregator.config.AggregatorConfig;

/**
 * Whether an aggregator's peers answer with the right certificate. The peer counts the connection,
 * which ends after the handshake, as refused (CDT-558).
 */
final class PeerChecks {
  private static final int WAIT_MILLIS = 5_000;
  private static final char[] NO_PASSWORD = {};

  private PeerChecks() {}

  static List<Finding> all(Party party) {
    List<Finding> findings = new ArrayList<>();
    party
        .peerTls()
        .ifPresent(
            tls -> {
              try {
                SSLContext context = context(tls);
                party
                    .peers()
                    .forEach((name, address) -> findings.add(peer(context, name, address)));
              } catch (IOException | GeneralSecurityException e) {
                findings.add(
                    Finding.fail(
                        "peer", "the files in tls can't be used", "Name a matching PEM pair."));
              }
            });
    return findings;
  }

  private static SSLContext context(AggregatorConfig.Tls tls)
      throws IOException, GeneralSecurityException {
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    String body =
        Files.readString(tls.key(), StandardCharsets.US_ASCII)
            .replaceFirst("(?s).*-----BEGIN PRIVATE KEY-----", "")
            .replaceFirst("(?s)-----END PRIVATE KEY-----.*", "");
    var key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
    own.setKeyEntry("own", key, NO_PASSWORD, certificates(tls.certificate()));
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", certificates(tls.authority())[0]);
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, NO_PASSWORD);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Certificate[] certificates(Path file)
      throws IOException, GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
        .toArray(Certificate[]::new);
  }

  private static Finding peer(SSLContext context, String name, InetSocketAddress address) {
    String at = name + " at " + LocalChecks.text(address);
    try (var plain = new Socket()) {
      plain.connect(new InetSocketAddress(address.getHostString(), address.getPort()), WAIT_MILLIS);
      plain.setSoTimeout(WAIT_MILLIS);
      try (var secured =
          (SSLSocket)
              context
                  .getSocketFactory()
                  .createSocket(plain, address.getHostString(), address.getPort(), true)) {
        secured.startHandshake();
        var shown = (X509Certificate) secured.getSession().getPeerCertificates()[0];
        String subject = shown.getSubjectX500Principal().getName();
        return subject.equals("CN=" + name)
            ? Finding.ok("peer", at + " answers with its certificate")
            : Finding.fail(
                "peer",
                at + " answers with a certificate for " + subject,
                "Compare the addresses in peers.");
      }
    } catch (SSLException e) {
      return Finding.fail(
          "peer",
          at + " answers, and TLS fails",
          "Compare authority and validity of both certificates.");
    } catch (IOException e) {
      return Finding.fail(
          "peer",
          at + " doesn't answer",
          "Check that it runs, the address in peers, and the firewall (doctor --network).");
    }
  }
}
