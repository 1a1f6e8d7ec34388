package org.concordat.schemas.bus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * A file of Kafka's own client settings for SASL. Nothing else may stand in it: what it could
 * otherwise change, such as acknowledgements or isolation, is decided in the code.
 */
final class SaslSettings {
  private static final String MECHANISM = "sasl.mechanism";
  private static final String JAAS = "sasl.jaas.config";
  private static final Set<String> MECHANISMS =
      Set.of("SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER");

  private SaslSettings() {}

  /** The settings; problems name keys, never values. */
  static Map<String, Object> read(Path file, Problems problems) {
    Map<String, Object> settings = new LinkedHashMap<>();
    var properties = new Properties();
    Place place = Place.of(file.toString());
    if (!KeyFiles.isPrivate(file, problems)) {
      return settings;
    }
    try (var reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException e) {
      problems.add(Problem.of(Code.CDT_101, place));
      return settings;
    } catch (IllegalArgumentException e) {
      problems.add(
          Code.CDT_108, place, "The file isn't a Java properties file.", Code.CDT_108.fix());
      return settings;
    }
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      if (key.startsWith("sasl.")) {
        settings.put(key, properties.getProperty(key));
      } else if (!key.equals("security.protocol")
          || !properties.getProperty(key).equals("SASL_SSL")) {
        problems.add(
            Code.CDT_108,
            place,
            "The setting '" + key + "' doesn't belong here.",
            "Keep only settings that begin with 'sasl.'; the protocol is SASL_SSL.");
      }
    }
    if (!MECHANISMS.contains(properties.getProperty(MECHANISM, ""))) {
      problems.add(
          Code.CDT_108,
          place,
          "The setting '" + MECHANISM + "' is missing or isn't taken.",
          "Write one of " + String.join(", ", new TreeSet<>(MECHANISMS)) + ".");
    }
    if (!properties.containsKey(JAAS)) {
      problems.add(
          Code.CDT_108, place, "The setting '" + JAAS + "' is missing.", Code.CDT_108.fix());
    }
    return settings;
  }
}
