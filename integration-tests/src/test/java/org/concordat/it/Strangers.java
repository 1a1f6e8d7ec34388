package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.concordat.schemas.identity.Certificates;

/** Certificates that must not open any door. */
final class Strangers {
  /** A certificate chain and its key. */
  record Identity(X509Certificate certificate, PrivateKey key) {}

  private Strangers() {}

  /** The right name under an authority that nobody knows. */
  static Identity foreign(String name) {
    Certificates.Issued issued =
        Certificates.createAuthority("demo-ca", Duration.ofDays(2)).issue(name, Duration.ofDays(1));
    return new Identity(issued.certificate(), issued.key());
  }

  /** The right name and authority, valid until yesterday. */
  static Identity expired(Path folder, String name) throws Exception {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    return issued(folder, name, yesterday.minus(Duration.ofDays(1)), yesterday);
  }

  /** The right name and authority. */
  static Identity issued(Path folder, String name, Instant notBefore, Instant notAfter)
      throws Exception {
    X500Name authority = ((X509CertificateHolder) pem(folder.resolve("ca.crt"))).getSubject();
    PrivateKey authorityKey =
        new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) pem(folder.resolve("ca/ca.key")));
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    var builder =
        new JcaX509v3CertificateBuilder(
            authority,
            BigInteger.TWO,
            Date.from(notBefore),
            Date.from(notAfter),
            new X500Name("CN=" + name),
            keys.getPublic());
    X509CertificateHolder holder =
        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey));
    return new Identity(
        new JcaX509CertificateConverter().getCertificate(holder), keys.getPrivate());
  }

  private static Object pem(Path file) throws IOException {
    try (var parser = new PEMParser(Files.newBufferedReader(file))) {
      return parser.readObject();
    }
  }

  /** Whether whoever listens lets a stranger in, who sends nothing. */
  static boolean letsIn(int port, Identity stranger) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "own", stranger.key(), new char[0], new X509Certificate[] {stranger.certificate()});
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys.getKeyManagers(), new TrustManager[] {new Trusting()}, null);
    try (Socket socket = context.getSocketFactory().createSocket("localhost", port)) {
      socket.setSoTimeout(20_000);
      // In TLS 1.3 the client hears of its refusal only after its own handshake.
      ((SSLSocket) socket).startHandshake();
      return socket.getInputStream().read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The brokers refuse the stranger's certificate. */
  static void assertShutOut(Bus broker, String topic, Identity stranger) throws Exception {
    try (var producer = broker.as(certificatePem(stranger), keyPem(stranger)).producer()) {
      assertThatThrownBy(() -> producer.send(new ProducerRecord<>(topic, new byte[1])).get())
          .hasRootCauseInstanceOf(SSLException.class)
          .satisfiesAnyOf(
              e -> assertThat(e).isInstanceOf(SslAuthenticationException.class),
              e -> assertThat(e).hasCauseInstanceOf(SslAuthenticationException.class));
    }
  }

  /** The stranger doesn't care whom it talks to. */
  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  static String certificatePem(Identity identity) throws IOException {
    return write(identity.certificate());
  }

  static String keyPem(Identity identity) throws IOException {
    return write(new JcaPKCS8Generator(identity.key(), null));
  }

  private static String write(Object object) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
