package org.concordat.ops.doctor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.concordat.agent.config.AgentConfig;
import org.concordat.schemas.identity.Certificates;
import org.concordat.schemas.metrics.ProcessMeters;

/** A party's own certificates: chain, validity, name. */
final class CertificateChecks {
  /** Before its end a certificate should be renewed. */
  private static final Duration RENEWAL = Duration.ofDays(30);

  private CertificateChecks() {}

  static List<Finding> all(Party party) {
    List<Finding> findings = new ArrayList<>();
    String kafka = party.kafka().certificatePem();
    if (kafka.isEmpty()) {
      findings.add(
          Finding.ok("certificate", "kafka: none, the brokers are shown SASL credentials"));
    } else {
      findings.add(check(party, "kafka", kafka, party.kafka().authorityPem()));
    }
    party
        .peerTls()
        .ifPresent(
            tls -> {
              try {
                findings.add(check(party, "peer", read(tls.certificate()), read(tls.authority())));
              } catch (IOException e) {
                findings.add(
                    Finding.fail("certificate", "peer: can't be read", "Check the tls section."));
              }
            });
    party.apiTls().ifPresent(tls -> findings.add(api(tls)));
    return findings;
  }

  /** Whose authority and which names the callers accept, only they know. */
  static Finding api(AgentConfig.ApiTls tls) {
    try {
      String chainPem = read(tls.certificate());
      List<X509Certificate> chain = certificates(chainPem);
      if (chain.isEmpty()) {
        return Finding.fail("certificate", "api: the file holds none", "Name a PEM file.");
      }
      chain.getFirst().checkValidity();
      if (!Certificates.belongTogether(chain.getFirst(), Certificates.serverKey(read(tls.key())))) {
        return Finding.fail(
            "certificate", "api: it isn't that of the private key", "Name a matching pair.");
      }
      return expiry("api", ProcessMeters.expiry(chainPem).orElseThrow());
    } catch (CertificateExpiredException e) {
      return Finding.fail("certificate", "api: it has expired", "Have a new one issued.");
    } catch (CertificateNotYetValidException e) {
      return Finding.fail("certificate", "api: it isn't valid yet", "Compare the clock.");
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      return Finding.fail(
          "certificate", "api: it or its key can't be read", "Check the api section.");
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  private static Finding check(Party party, String use, String chainPem, String authorityPem) {
    try {
      List<X509Certificate> chain = certificates(chainPem);
      List<X509Certificate> authority = certificates(authorityPem);
      if (chain.isEmpty() || authority.isEmpty()) {
        return Finding.fail("certificate", use + ": the file holds none", "Name a PEM file.");
      }
      X509Certificate own = chain.getFirst();
      String subject = own.getSubjectX500Principal().getName();
      if (!subject.equals("CN=" + party.name())) {
        return Finding.fail(
            "certificate",
            use + ": it is for '" + subject + "', the party is '" + party.name() + "'",
            "Have one issued whose subject is exactly CN=" + party.name() + ".");
      }
      validate(chain, authority.getFirst());
      return expiry(use, ProcessMeters.expiry(chainPem).orElseThrow());
    } catch (CertPathValidatorException e) {
      return e.getCause() instanceof CertificateExpiredException
          ? Finding.fail("certificate", use + ": it has expired", "Have a new one issued.")
          : Finding.fail(
              "certificate",
              use + ": the authority in the configuration hasn't issued it, or it isn't valid yet",
              "Give certificate and authority from the consortium's own; compare the clock.");
    } catch (GeneralSecurityException e) {
      return Finding.fail("certificate", use + ": it can't be read", "Name a PEM file.");
    }
  }

  private static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
        .stream()
        .map(X509Certificate.class::cast)
        .toList();
  }

  private static void validate(List<X509Certificate> chain, X509Certificate authority)
      throws GeneralSecurityException {
    var parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    List<X509Certificate> below =
        chain.stream().filter(certificate -> !certificate.equals(authority)).toList();
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(below), parameters);
  }

  private static Finding expiry(String use, Instant end) {
    String text = use + ": valid until " + end;
    return Instant.now().plus(RENEWAL).isBefore(end)
        ? Finding.ok("certificate", text)
        : Finding.warn("certificate", text, "Have a new one issued for the same name.");
  }
}
