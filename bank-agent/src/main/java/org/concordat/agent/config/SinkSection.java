package org.concordat.agent.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** Where alerts go beside file and console. In plain text they go to this machine alone. */
public final class SinkSection {
  /** Characters of a webhook's secret. */
  static final int SECRET_CHARS_MIN = 32;

  /** How alerts stand in the bank's topic. */
  public enum TopicFormat {
    AVRO,
    CLOUDEVENTS
  }

  /**
   * A signed HTTP call for each alert.
   *
   * @param secret a file; its text without surrounding space is the key
   */
  public record Webhook(URI url, Path secret) {}

  /**
   * A collector of syslog messages.
   *
   * @param authority PEM of who issued its certificate; the machine's own list where it is missing
   */
  public record Syslog(String host, int port, boolean tls, Optional<Path> authority) {}

  private SinkSection() {}

  static Optional<Webhook> webhook(Path folder, Document alerts) {
    if (!alerts.has("webhook")) {
      return Optional.empty();
    }
    Document section = alerts.get("webhook");
    Document url =
        section.get("url").about("Gets a signed POST for each alert; https, or loopback.");
    URI address = URI.create("http://127.0.0.1/");
    try {
      address = URI.create(url.text());
    } catch (IllegalArgumentException e) {
      url.add(Code.CDT_106, "It is no URL.", "Write https://HOST/PATH.");
    }
    boolean http = "http".equals(address.getScheme());
    if (url.isPresent()
        && (address.getHost() == null || !(http || "https".equals(address.getScheme())))) {
      url.add(Code.CDT_106, "It is no http or https URL with a host.", "Write https://HOST/PATH.");
    } else if (url.isPresent() && http && !isLoopback(address.getHost())) {
      url.add(Code.CDT_720, Code.CDT_720.cause(), Code.CDT_720.fix());
    }
    Document secret =
        section.get("secret").about("A file whose text signs the calls; 32 characters at least.");
    Path file = AgentConfig.existing(folder, secret);
    if (secret.isPresent() && Files.isRegularFile(file)) {
      KeyFiles.isPrivate(file, alerts.problems());
      verifySecret(file, secret);
    }
    return Optional.of(new Webhook(address, file));
  }

  private static void verifySecret(Path file, Document secret) {
    try {
      if (Files.readString(file).strip().length() < SECRET_CHARS_MIN) {
        secret.add(Code.CDT_721, Code.CDT_721.cause(), Code.CDT_721.fix());
      }
    } catch (IOException e) {
      secret.add(Code.CDT_101, Code.CDT_101.cause(), Code.CDT_101.fix());
    }
  }

  static Optional<Syslog> syslog(Path folder, Document alerts) {
    if (!alerts.has("syslog")) {
      return Optional.empty();
    }
    Document section = alerts.get("syslog");
    Document host = section.get("host").about("Gets CEF in RFC 5424 messages over TCP.");
    int port = (int) section.maybe("port").about("Its port.").integer(1, 65_535, 6514);
    boolean tls = section.maybe("tls").about("Without it to this machine alone.").bool(true);
    if (host.isPresent() && !tls && !isLoopback(host.text())) {
      host.add(Code.CDT_720, Code.CDT_720.cause(), Code.CDT_720.fix());
    }
    Optional<Path> authority =
        section.has("authority")
            ? Optional.of(
                AgentConfig.existing(
                    folder,
                    section.get("authority").about("PEM; the machine's own list otherwise.")))
            : Optional.empty();
    return Optional.of(new Syslog(host.text(), port, tls, authority));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
