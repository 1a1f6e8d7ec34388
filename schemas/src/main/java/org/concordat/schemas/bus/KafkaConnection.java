package org.concordat.schemas.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * The section {@code kafka} of a configuration. Always TLS 1.3; the client proves who it is with a
 * certificate, or, where {@code properties} names a file of Kafka's own settings, with SASL/SCRAM
 * or OAuth. Holds secrets: prints nothing.
 */
public final class KafkaConnection {
  private static final String PROPERTIES =
      "A file of Kafka's own settings for SASL/SCRAM or OAuth, sasl.mechanism and"
          + " sasl.jaas.config at least; for its owner's eyes alone.";
  private static final String CERTIFICATE_MEANING =
      "The party's certificate chain, PEM, subject CN=name; needed unless properties is there.";

  private final String bootstrap;
  private final String topicPrefix;
  private final Map<String, Object> settings;
  private final ClientTls tls;

  private KafkaConnection(
      String bootstrap, String topicPrefix, Map<String, Object> settings, ClientTls tls) {
    this.bootstrap = bootstrap;
    this.topicPrefix = topicPrefix;
    this.settings = Map.copyOf(settings);
    this.tls = tls;
  }

  /** Reads the section; what is wrong goes to {@code problems}. */
  public static KafkaConnection read(Document section, Path folder) {
    return read(section, folder, true);
  }

  /**
   * As {@link #read(Document, Path)}, of brokers whose topics are called by their full names: those
   * that a bank's payments are read from.
   */
  public static KafkaConnection readUnprefixed(Document section, Path folder) {
    return read(section, folder, false);
  }

  private static KafkaConnection read(Document section, Path folder, boolean prefixed) {
    Problems problems = section.problems();
    String bootstrap =
        section.get("bootstrap").about("The brokers, host:port, with commas between.").text();
    String prefix = prefixed ? prefix(section) : "";
    Document settings = section.maybe("properties");
    settings.about(PROPERTIES).text("");
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("security.protocol", settings.isPresent() ? "SASL_SSL" : "SSL");
    properties.put("ssl.enabled.protocols", "TLSv1.3");
    properties.put("ssl.protocol", "TLSv1.3");
    // By default a client that reaches no broker forgets those that it knows, and connects to the
    // bootstrap addresses first and to the brokers that these name then (KIP-899): two handshakes
    // of each client, one after the other, where brokers have just started and all clients come.
    properties.put("metadata.recovery.strategy", "none");
    if (settings.isPresent()) {
      properties.putAll(SaslSettings.read(folder.resolve(settings.text()), problems));
    }
    Map<String, Path> files = new LinkedHashMap<>();
    Map<String, String> read = new LinkedHashMap<>();
    // With SASL the brokers may ask for a certificate as well, or not.
    boolean certified = section.has("certificate") || !settings.isPresent();
    if (certified) {
      properties.put("ssl.keystore.type", "PEM");
      Document certificate = section.get("certificate").about(CERTIFICATE_MEANING);
      read.put(ClientTls.CERTIFICATE, pem(certificate, folder, problems, false));
      files.put(ClientTls.CERTIFICATE, folder.resolve(certificate.text("")));
      Document key =
          section
              .get("key")
              .about(
                  "Its private key, PKCS#8, for its owner's eyes alone; needed with certificate.");
      read.put(ClientTls.KEY, pem(key, folder, problems, true));
      files.put(ClientTls.KEY, folder.resolve(key.text("")));
    } else if (section.has("key")) {
      section.get("certificate");
    }
    properties.put("ssl.truststore.type", "PEM");
    Document authority =
        section.get("authority").about("The authority of the brokers' certificates.");
    read.put(ClientTls.AUTHORITY, pem(authority, folder, problems, false));
    files.put(ClientTls.AUTHORITY, folder.resolve(authority.text("")));
    var tls = new ClientTls(prefixed ? "kafka" : "ingest", files, read, InstantSource.system());
    return new KafkaConnection(bootstrap, prefix, properties, tls);
  }

  private static String prefix(Document section) {
    String prefix =
        section.maybe("topicPrefix").about("Before every topic; ends with a dot.").text("");
    if (!prefix.matches("([a-zA-Z0-9._-]{1,64}\\.)?")) {
      section
          .get("topicPrefix")
          .add(Code.CDT_106, "A topic prefix ends with a dot.", "Write a name and a dot, or ''.");
    }
    return prefix;
  }

  private static String pem(Document at, Path folder, Problems problems, boolean secret) {
    at.text("");
    if (!at.isPresent()) {
      return "";
    }
    Path file = folder.resolve(at.text());
    if (secret && !KeyFiles.isPrivate(file, problems)) {
      return "";
    }
    try {
      return Files.readString(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.toString())));
      return "";
    }
  }

  public String bootstrap() {
    return bootstrap;
  }

  public String topicPrefix() {
    return topicPrefix;
  }

  /** This party's certificate chain for the brokers, as new connections show it. */
  public String certificatePem() {
    return tls.settings().getOrDefault(ClientTls.CERTIFICATE, "");
  }

  /** The authority that the brokers' certificates have to be from. */
  public String authorityPem() {
    return tls.settings().getOrDefault(ClientTls.AUTHORITY, "");
  }

  /** What changes of the properties while a client runs. */
  public ClientTls tls() {
    return tls;
  }

  /** What every Kafka client needs to connect, as of now; holds the private key. */
  public Map<String, Object> properties() {
    Map<String, Object> all = settings();
    all.putAll(tls.settings());
    return all;
  }

  /**
   * The same without certificate, key and authority, for clients that ask {@link #tls} for them at
   * each connection: none of them keeps a key that was replaced.
   */
  public Map<String, Object> settings() {
    return new LinkedHashMap<>(settings);
  }

  @Override
  public String toString() {
    return "KafkaConnection[" + bootstrap + "]";
  }
}
