package org.concordat.schemas.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * The section {@code kafka} of a configuration: {@code bootstrap}, {@code certificate}, {@code
 * key}, {@code authority} (PEM files, relative to the configuration file) and {@code topicPrefix}.
 * Always mutual TLS 1.3. Holds a private key: prints nothing.
 */
public final class KafkaConnection {
  private static final String CERTIFICATE = "ssl.keystore.certificate.chain";

  private final String bootstrap;
  private final String topicPrefix;
  private final Map<String, Object> properties;

  private KafkaConnection(String bootstrap, String topicPrefix, Map<String, Object> properties) {
    this.bootstrap = bootstrap;
    this.topicPrefix = topicPrefix;
    this.properties = Map.copyOf(properties);
  }

  /** Reads the section; what is wrong goes to {@code problems}. */
  public static KafkaConnection read(Document section, Path folder) {
    Problems problems = section.problems();
    String bootstrap = section.get("bootstrap").text();
    String prefix = section.maybe("topicPrefix").text("");
    if (!prefix.matches("([a-zA-Z0-9._-]{1,64}\\.)?")) {
      section
          .get("topicPrefix")
          .add(Code.CDT_106, "A topic prefix ends with a dot.", "Write a name and a dot, or ''.");
    }
    String certificate = pem(section.get("certificate"), folder, problems, false);
    String key = pem(section.get("key"), folder, problems, true);
    String authority = pem(section.get("authority"), folder, problems, false);
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("security.protocol", "SSL");
    properties.put("ssl.enabled.protocols", "TLSv1.3");
    properties.put("ssl.protocol", "TLSv1.3");
    properties.put("ssl.keystore.type", "PEM");
    properties.put(CERTIFICATE, certificate);
    properties.put("ssl.keystore.key", key);
    properties.put("ssl.truststore.type", "PEM");
    properties.put("ssl.truststore.certificates", authority);
    return new KafkaConnection(bootstrap, prefix, properties);
  }

  private static String pem(Document at, Path folder, Problems problems, boolean secret) {
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

  /** This party's certificate chain for the brokers. */
  public String certificatePem() {
    return (String) properties.getOrDefault(CERTIFICATE, "");
  }

  /** What every Kafka client needs to connect; holds the private key. */
  public Map<String, Object> properties() {
    return properties;
  }

  @Override
  public String toString() {
    return "KafkaConnection[" + bootstrap + "]";
  }
}
