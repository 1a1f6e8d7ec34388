package org.concordat.schemas.identity;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A small certificate authority for consortia that have none: EC P-256, subjects of exactly {@code
 * CN=name}, for servers and clients alike. A consortium with an authority of its own issues
 * certificates of the same form there.
 */
public final class Certificates {
  private static final String SIGNATURE = "SHA256withECDSA";
  private static final String NAME = "[A-Za-z0-9._-]{1,64}";

  /** How far back validity starts, for clocks that differ. */
  private static final Duration BACKDATED = Duration.ofHours(1);

  private final KeyPair authorityKeys;
  private final X509Certificate authority;

  private Certificates(KeyPair authorityKeys, X509Certificate authority) {
    this.authorityKeys = authorityKeys;
    this.authority = authority;
  }

  /** A certificate with its private key. */
  public static final class Issued {
    private final X509Certificate certificate;
    private final PrivateKey key;

    Issued(X509Certificate certificate, PrivateKey key) {
      this.certificate = certificate;
      this.key = key;
    }

    public X509Certificate certificate() {
      return certificate;
    }

    public PrivateKey key() {
      return key;
    }

    public String certificatePem() {
      return pem(certificate);
    }

    /** PKCS#8, unencrypted. */
    public String keyPem() {
      return Certificates.keyPem(key);
    }

    @Override
    public String toString() {
      return "Issued[" + certificate.getSubjectX500Principal() + "]";
    }
  }

  /** A new authority. */
  public static Certificates createAuthority(String name, Duration validity) {
    KeyPair keys = keyPair();
    Instant start = Instant.now().minus(BACKDATED);
    try {
      X500Name subject = subject(name);
      var builder =
          new JcaX509v3CertificateBuilder(
              subject,
              serial(),
              Date.from(start),
              Date.from(start.plus(validity)),
              subject,
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return new Certificates(keys, signed(builder, keys.getPrivate()));
    } catch (CertIOException e) {
      throw new IllegalStateException("Constant extensions are always encoded.", e);
    }
  }

  public X509Certificate authority() {
    return authority;
  }

  public String authorityPem() {
    return pem(authority);
  }

  public String authorityKeyPem() {
    return keyPem(authorityKeys.getPrivate());
  }

  /** Issues a certificate that is valid from now. */
  public Issued issue(String name, Duration validity) {
    return issue(name, Instant.now().minus(BACKDATED), Instant.now().plus(validity));
  }

  /** Issues a certificate for {@code CN=name}, good for localhost too. */
  public Issued issue(String name, Instant notBefore, Instant notAfter) {
    KeyPair keys = keyPair();
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              authority,
              serial(),
              Date.from(notBefore),
              Date.from(notAfter),
              subject(name),
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName[] {
                new GeneralName(GeneralName.dNSName, name),
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1")
              }));
      return new Issued(signed(builder, authorityKeys.getPrivate()), keys.getPrivate());
    } catch (CertIOException e) {
      throw new IllegalStateException("Constant extensions are always encoded.", e);
    }
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has ECDSA on P-256.", e);
    }
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has P-256.", e);
    }
  }

  /** Brokers and peers know a party by its subject: a name must not bring fields of its own. */
  private static X500Name subject(String name) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException("A certificate's name has 1 to 64 letters, digits, . - _");
    }
    return new X500Name("CN=" + name);
  }

  private static BigInteger serial() {
    return new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
  }

  private static String pem(X509Certificate certificate) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaMiscPEMGenerator(certificate));
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory doesn't fail.", e);
    }
    return text.toString();
  }

  private static String keyPem(PrivateKey key) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaPKCS8Generator(key, null));
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory doesn't fail.", e);
    }
    return text.toString();
  }
}
