package org.concordat.aggregator.peer;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.concordat.schemas.problem.Code;
import org.jspecify.annotations.Nullable;

/**
 * Checks one peer's certificate: the path to the authority as the JDK does it, then the name.
 * Remembers why it refused, since TLS tells the two sides less than an operator needs.
 */
final class PeerCheck extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager path;
  private final Set<String> names;
  private volatile @Nullable Code fault;

  PeerCheck(X509ExtendedTrustManager path, Set<String> names) {
    this.path = path;
    this.names = names;
  }

  Optional<Code> fault() {
    return Optional.ofNullable(fault);
  }

  private interface Path {
    void check() throws CertificateException;
  }

  private void check(X509Certificate[] chain, Path valid) throws CertificateException {
    try {
      valid.check();
    } catch (CertificateException e) {
      fault = outOfTime(e) ? Code.CDT_551 : Code.CDT_550;
      throw e;
    }
    if (!names.contains(PeerTls.nameIn(chain[0]))) {
      fault = Code.CDT_552;
      throw new CertificateException("The certificate carries another name.");
    }
  }

  private static boolean outOfTime(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof CertificateExpiredException
          || at instanceof CertificateNotYetValidException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, () -> path.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, () -> path.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> path.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> path.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, () -> path.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, () -> path.checkServerTrusted(chain, type));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return path.getAcceptedIssuers();
  }
}
