package org.concordat.schemas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Certificates are what brokers and peers check: P-256, one name, one authority, a time. */
class CertificatesTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final Certificates authority = Certificates.createAuthority("demo-ca", DAY);

  private static X509Certificate parse(String pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void aCertificateNamesItsPartyAndIsTheAuthoritys() throws Exception {
    Certificates.Issued issued = authority.issue("bank-a", DAY);
    X509Certificate certificate = parse(issued.certificatePem());
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=bank-a");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(((ECPublicKey) certificate.getPublicKey()).getParams().getOrder().bitLength())
        .isEqualTo(256);
    certificate.verify(parse(authority.authorityPem()).getPublicKey());
    certificate.checkValidity();
    assertThat(parse(authority.authorityPem()).getBasicConstraints()).isZero();

    var stranger = Certificates.createAuthority("demo-ca", DAY);
    assertThatThrownBy(() -> certificate.verify(stranger.authority().getPublicKey()))
        .isInstanceOf(SignatureException.class);
  }

  @Test
  void theKeyBelongsToTheCertificate() throws Exception {
    Certificates.Issued issued = authority.issue("bank-a", DAY);
    String base64 = issued.keyPem().replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    var key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(issued.certificate());
    signature.update((byte) 1);
    assertThat(signature.verify(signed)).isTrue();
    assertThat(issued).hasToString("Issued[CN=bank-a]");
  }

  @Test
  void aServersKeyMayBeRsaInItsOlderForm() throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(keys.getPrivate());
    }
    assertThat(text.toString()).startsWith("-----BEGIN RSA PRIVATE KEY-----");
    assertThat(Certificates.serverKey(text.toString())).isEqualTo(keys.getPrivate());
  }

  @Test
  void aKeyBelongsToItsCertificateAlone() {
    Certificates.Issued issued = authority.issue("bank-a", DAY);
    Certificates.Issued other = authority.issue("bank-a", DAY);
    var key = Certificates.serverKey(issued.keyPem());
    assertThat(Certificates.belongTogether(issued.certificate(), key)).isTrue();
    assertThat(Certificates.belongTogether(other.certificate(), key)).isFalse();
  }

  @Test
  void whatHoldsNoKeyIsRefused() {
    Certificates.Issued issued = authority.issue("bank-a", DAY);
    for (String pem :
        List.of(
            "",
            "x",
            issued.certificatePem(),
            issued.keyPem().substring(0, 60),
            "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")) {
      assertThatThrownBy(() -> Certificates.privateKey(pem))
          .as(pem)
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Certificates.serverKey(pem))
          .as(pem)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void certificatesCanBeExpiredOrNotYetValid() {
    Instant now = Instant.now();
    var expired = authority.issue("bank-a", now.minus(DAY.multipliedBy(2)), now.minus(DAY));
    assertThatThrownBy(() -> expired.certificate().checkValidity())
        .isInstanceOf(CertificateExpiredException.class);
    var early = authority.issue("bank-a", now.plus(DAY), now.plus(DAY.multipliedBy(2)));
    assertThatThrownBy(() -> early.certificate().checkValidity())
        .isInstanceOf(CertificateNotYetValidException.class);
  }

  @Test
  void aNameCannotBringFieldsOfItsOwn() {
    for (String name : new String[] {"", "a,O=b", "a+OU=b", "a=b", "x".repeat(65), "a\nb", "ü"}) {
      assertThatThrownBy(() -> authority.issue(name, DAY))
          .as(name)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(
            authority.issue("x".repeat(64), DAY).certificate().getSubjectX500Principal().getName())
        .isEqualTo("CN=" + "x".repeat(64));
  }

  @Test
  void aRequestIsCertifiedForItsNameAndKey() throws Exception {
    var again = Certificates.of(authority.authorityPem(), authority.authorityKeyPem());
    Certificates.Request request = Certificates.request("bank-c");
    X509Certificate certificate = parse(again.certify(request.requestPem(), "bank-c", DAY));
    assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=bank-c");
    certificate.verify(authority.authority().getPublicKey());
    String base64 = request.keyPem().replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    var key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    signature.update((byte) 1);
    assertThat(signature.verify(signed)).isTrue();
  }

  @Test
  void whatIsNoGoodRequestIsNotCertified() throws Exception {
    String good = Certificates.request("bank-c").requestPem();
    assertRefused(good, "bank-d");
    assertRefused("", "bank-c");
    assertRefused(authority.authorityPem(), "bank-c");
    byte[] changed =
        Base64.getMimeDecoder().decode(good.replaceAll("-----[A-Z ]+-----", "").strip());
    changed[changed.length - 1] ^= 1;
    assertRefused(request(changed), "bank-c");
    assertRefused(foreign("secp384r1"), "bank-c");
    assertRefused(foreign(null), "bank-c");
  }

  private void assertRefused(String request, String name) {
    assertThatThrownBy(() -> authority.certify(request, name, DAY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String request(byte[] der) {
    return "-----BEGIN CERTIFICATE REQUEST-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END CERTIFICATE REQUEST-----\n";
  }

  /** Of a key on another curve, or of an RSA key. */
  private static String foreign(@Nullable String curve) throws Exception {
    var generator = KeyPairGenerator.getInstance(curve == null ? "RSA" : "EC");
    if (curve != null) {
      generator.initialize(new ECGenParameterSpec(curve));
    }
    KeyPair keys = generator.generateKeyPair();
    String algorithm = curve == null ? "SHA256withRSA" : "SHA256withECDSA";
    return request(
        new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=bank-c"), keys.getPublic())
            .build(new JcaContentSignerBuilder(algorithm).build(keys.getPrivate()))
            .getEncoded());
  }
}
