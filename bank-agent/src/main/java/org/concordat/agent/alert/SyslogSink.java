package org.concordat.agent.alert;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.concordat.agent.config.SinkSection;
import org.concordat.schemas.record.Alert;
import org.jspecify.annotations.Nullable;

/**
 * Sends CEF in RFC 5424 messages over one TCP or TLS connection, each message counted (RFC 5425,
 * 6587). Syslog knows no acknowledgement: what was handed to a connection that breaks at that very
 * moment can be lost.
 */
final class SyslogSink implements AlertSink {
  private static final int TIMEOUT_MILLIS = 10_000;

  /** So much is written at once: a slow collector has the time anew for each. */
  private static final int PIECE_BYTES = 16 << 10;

  /** Facility 10 (security), severity 4 (warning). */
  private static final String PRIORITY = "<84>1";

  private final SinkSection.Syslog config;
  private final Optional<SSLSocketFactory> tls;
  private final int writeMillis;
  private final String hostName = InetAddress.getLoopbackAddress().getHostName();
  private @Nullable Socket connected;

  /** What is connected is this one, or TLS over it. */
  private @Nullable Socket transport;

  private SyslogSink(SinkSection.Syslog config, Optional<SSLSocketFactory> tls, int writeMillis) {
    this.config = config;
    this.tls = tls;
    this.writeMillis = writeMillis;
  }

  static SyslogSink open(SinkSection.Syslog config) throws IOException {
    return open(config, TIMEOUT_MILLIS);
  }

  /**
   * As above.
   *
   * @param writeMillis in which a collector has to take each piece of what it is sent
   */
  static SyslogSink open(SinkSection.Syslog config, int writeMillis) throws IOException {
    try {
      Optional<SSLSocketFactory> tls =
          config.tls() ? Optional.of(tls(config.authority())) : Optional.empty();
      return new SyslogSink(config, tls, writeMillis);
    } catch (GeneralSecurityException e) {
      throw new IOException("The authority of the syslog collector can't be read.", e);
    }
  }

  private static SSLSocketFactory tls(Optional<Path> authority)
      throws GeneralSecurityException, IOException {
    var context = SSLContext.getInstance("TLS");
    if (authority.isEmpty()) {
      context.init(null, null, null);
      return context.getSocketFactory();
    }
    var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(authority.get())) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("authority-" + trusted.size(), each);
      }
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    context.init(null, factory.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  @Override
  public void deliver(List<Alert> alerts) throws IOException {
    var frames = new ByteArrayOutputStream();
    for (Alert alert : alerts) {
      byte[] message = message(alert);
      frames.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
      frames.writeBytes(message);
    }
    try {
      Socket socket = open();
      requireOpen(socket);
      byte[] bytes = frames.toByteArray();
      for (int start = 0; start < bytes.length; start += PIECE_BYTES) {
        write(socket, bytes, start, Math.min(PIECE_BYTES, bytes.length - start));
      }
      requireOpen(socket);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** A socket alone waits without end for a collector that takes nothing. */
  private void write(Socket socket, byte[] bytes, int start, int lengthBytes) throws IOException {
    // Not the TLS socket: to close that is to wait for who writes to it.
    Socket beneath = transport == null ? socket : transport;
    Thread guard = Thread.ofVirtual().start(() -> closeLater(beneath));
    try {
      socket.getOutputStream().write(bytes, start, lengthBytes);
      socket.getOutputStream().flush();
    } finally {
      guard.interrupt();
    }
  }

  private void closeLater(Socket socket) {
    try {
      Thread.sleep(writeMillis);
      socket.close();
    } catch (InterruptedException e) {
      // All was written in time.
    } catch (IOException e) {
      // Whoever writes finds it closed all the same.
    }
  }

  private byte[] message(Alert alert) {
    String header =
        PRIORITY
            + " "
            + Instant.ofEpochMilli(alert.getCommittedMillis())
            + " "
            + hostName
            + " concordat-agent - alert - ";
    return (header + CefLine.of(alert)).getBytes(StandardCharsets.UTF_8);
  }

  /** A collector says nothing: what can be read is the end of the connection. */
  private static void requireOpen(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      if (socket.getInputStream().read() < 0) {
        throw new IOException("The syslog collector has closed the connection.");
      }
    } catch (SocketTimeoutException e) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
    }
  }

  private Socket open() throws IOException {
    Socket socket = connected;
    if (socket != null) {
      return socket;
    }
    var plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(config.host(), config.port()), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      socket = tls.isPresent() ? handshake(plain, tls.get()) : plain;
    } catch (IOException e) {
      plain.close();
      throw e;
    }
    transport = plain;
    connected = socket;
    return socket;
  }

  private Socket handshake(Socket plain, SSLSocketFactory factory) throws IOException {
    var socket = (SSLSocket) factory.createSocket(plain, config.host(), config.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  @Override
  public void close() throws IOException {
    Socket socket = connected;
    connected = null;
    transport = null;
    if (socket != null) {
      socket.close();
    }
  }
}
