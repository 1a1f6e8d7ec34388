package org.concordat.ops.reference;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.concordat.agent.config.AgentConfig;
import org.concordat.aggregator.config.AggregatorConfig;
import org.concordat.ops.broker.BrokerConfig;
import org.concordat.schemas.problem.Catalogue;
import org.concordat.schemas.problem.Document;

/** Every key of every configuration, as {@code ops/docs/configuration.md}. */
public final class ConfigurationPage {
  private ConfigurationPage() {}

  /** The keys by file, as its own reader asks for them. */
  static Map<String, List<Catalogue.Entry>> files() {
    Map<String, List<Catalogue.Entry>> files = new LinkedHashMap<>();
    files.put("agent.yaml", keys(AgentConfig::read));
    files.put("aggregator.yaml", keys(AggregatorConfig::read));
    files.put("broker.yaml", keys(BrokerConfig::read));
    return files;
  }

  private static List<Catalogue.Entry> keys(BiConsumer<Document, Path> reader) {
    var catalogue = new Catalogue();
    reader.accept(Document.recording(catalogue), Path.of(""));
    return catalogue.entries();
  }

  /** The page in Markdown. */
  public static String render() {
    var page = new StringBuilder("# Configuration\n\n");
    page.append(
        """
        Each process has one YAML file. Paths are relative to it; a key that isn't known is an error
        with a suggestion; all problems are reported at once, with line and column. Secrets stand in
        files of their own that only their owner can read. `concordat init` writes complete files,
        `concordat doctor --config FILE` looks at what an agent's or an aggregator's file names, but
        for a bank's sources and sinks. Made from the code that reads the files by
        `concordat reference configuration`. A key is required where its section is there.
        """);
    files()
        .forEach(
            (file, keys) -> {
              page.append("\n## ").append(file).append("\n\n");
              page.append("| key | value | default | meaning |\n|---|---|---|---|\n");
              keys.stream()
                  .filter(key -> !key.meaning().isEmpty())
                  .forEach(key -> page.append(row(key)));
            });
    page.append(
        """

        The keys of a mapping are those of a rule set's `mapping.yaml`. With OAuth, start the process
        with the system property `org.apache.kafka.sasl.oauthbearer.allowed.urls` (in
        `CONCORDAT_JAVA_OPTS`) that names the token endpoint: Kafka's clients call no other.
        """);
    return page.toString();
  }

  private static String row(Catalogue.Entry key) {
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            key.path(),
            key.type().isEmpty() ? "section" : key.type(),
            key.required() ? "required" : key.whenMissing(),
            ErrorsPage.cell(key.meaning()));
  }
}
