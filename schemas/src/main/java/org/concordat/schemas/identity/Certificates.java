package org.concordat.schemas.identity;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A small certificate authority for consortia that have none: EC P-256, subjects of exactly {@code
 * CN=name}, for servers and clients alike. A consortium with an authority of its own issues
 * certificates of the same form there.
 */
public final class Certificates {
  private static final String CURVE = "secp256r1";
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

  /**
   * An authority that was made before.
   *
   * @throws IllegalArgumentException what the texts hold isn't a certificate and its key
   */
  public static Certificates of(String authorityPem, String keyPem) {
    if (parse(authorityPem) instanceof X509CertificateHolder held) {
      try {
        X509Certificate authority = new JcaX509CertificateConverter().getCertificate(held);
        KeyPair keys = new KeyPair(authority.getPublicKey(), privateKey(keyPem));
        return new Certificates(keys, authority);
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("The authority's certificate is malformed.");
      }
    }
    throw new IllegalArgumentException("An X.509 certificate in PEM is expected.");
  }

  /**
   * A private key as {@link Issued#keyPem} writes it.
   *
   * @throws IllegalArgumentException the text holds no unencrypted PKCS#8 key in PEM
   */
  public static PrivateKey privateKey(String pem) {
    if (parse(pem) instanceof PrivateKeyInfo secret) {
      return privateKey(secret);
    }
    throw new IllegalArgumentException("A PKCS#8 key in PEM is expected.");
  }

  /**
   * A web server's private key: as above, or RSA in its own older form (PKCS#1).
   *
   * @throws IllegalArgumentException the text holds no such key, unencrypted, in PEM
   */
  public static PrivateKey serverKey(String pem) {
    return parse(pem) instanceof PEMKeyPair pair
        ? privateKey(pair.getPrivateKeyInfo())
        : privateKey(pem);
  }

  private static PrivateKey privateKey(PrivateKeyInfo secret) {
    try {
      return new JcaPEMKeyConverter().getPrivateKey(secret);
    } catch (IOException e) {
      throw new IllegalArgumentException("The key is malformed.");
    }
  }

  /**
   * Whether a certificate is that of a private key: it verifies what the key signs. RSA and EC; for
   * others the answer is no.
   */
  public static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : SIGNATURE;
    byte[] message = {1};
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(message);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static @Nullable Object parse(String pem) {
    try (var parser = new PEMParser(new StringReader(pem))) {
      return parser.readObject();
    } catch (IOException e) {
      return null;
    }
  }

  /** A private key that stays with its owner, and what an authority needs to certify it. */
  public static final class Request {
    private final PrivateKey key;
    private final PKCS10CertificationRequest request;

    private Request(PrivateKey key, PKCS10CertificationRequest request) {
      this.key = key;
      this.request = request;
    }

    /** PKCS#8, unencrypted. */
    public String keyPem() {
      return Certificates.keyPem(key);
    }

    /** A certification request (RFC 2986). */
    public String requestPem() {
      return pem(request);
    }

    @Override
    public String toString() {
      return "Request[" + request.getSubject() + "]";
    }
  }

  /** A new key and a request for {@code CN=name}. */
  public static Request request(String name) {
    KeyPair keys = keyPair();
    try {
      return new Request(
          keys.getPrivate(),
          new JcaPKCS10CertificationRequestBuilder(subject(name), keys.getPublic())
              .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("Every JDK has ECDSA on P-256.", e);
    }
  }

  /**
   * Certifies a request, of which only the public key is taken over.
   *
   * @param name that the request has to be for
   * @return the certificate in PEM
   * @throws IllegalArgumentException the request is malformed, its signature isn't that of its key,
   *     it is for another name, or its key isn't on P-256
   */
  public String certify(String requestPem, String name, Duration validity) {
    if (!(parse(requestPem) instanceof PKCS10CertificationRequest request)) {
      throw new IllegalArgumentException("A certification request in PEM is expected.");
    }
    try {
      PublicKey key = new JcaPKCS10CertificationRequest(request).getPublicKey();
      if (!isOnP256(key)
          || !request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw new IllegalArgumentException(
            "The request isn't signed by a key of its own on P-256.");
      }
      if (!request.getSubject().equals(subject(name))) {
        throw new IllegalArgumentException("The request is for " + request.getSubject() + ".");
      }
      Instant now = Instant.now();
      return pem(certificate(name, key, now.minus(BACKDATED), now.plus(validity)));
    } catch (GeneralSecurityException | OperatorCreationException | PKCSException e) {
      throw new IllegalArgumentException("The request's key or signature is malformed.");
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
    return new Issued(certificate(name, keys.getPublic(), notBefore, notAfter), keys.getPrivate());
  }

  private X509Certificate certificate(
      String name, PublicKey key, Instant notBefore, Instant notAfter) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              authority, serial(), Date.from(notBefore), Date.from(notAfter), subject(name), key);
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
      return signed(builder, authorityKeys.getPrivate());
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

  private static boolean isOnP256(PublicKey key) throws GeneralSecurityException {
    var p256 = AlgorithmParameters.getInstance("EC");
    p256.init(new ECGenParameterSpec(CURVE));
    return key instanceof ECPublicKey ec
        && ec.getParams()
            .getCurve()
            .equals(p256.getParameterSpec(ECParameterSpec.class).getCurve());
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
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

  private static String pem(Object certificateOrRequest) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaMiscPEMGenerator(certificateOrRequest));
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
