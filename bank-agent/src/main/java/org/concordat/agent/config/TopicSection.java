package org.concordat.agent.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.concordat.agent.config.AgentConfig.Topic;
import org.concordat.agent.ingest.AvroCells;
import org.concordat.agent.ingest.AvroSchemaFile;
import org.concordat.agent.ingest.JsonCells;
import org.concordat.agent.ingest.MessageFormat;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** The section {@code ingest.kafka}: brokers of the bank's own, or those of the consortium. */
final class TopicSection {
  private static final int GROUP_CHARS_MAX = 255;

  private enum Format {
    JSON,
    AVRO
  }

  private enum Start {
    EARLIEST,
    LATEST
  }

  private TopicSection() {}

  static Topic read(Path folder, Document kafka) {
    KafkaConnection connection = KafkaConnection.readUnprefixed(kafka, folder);
    Document topic = kafka.get("topic").about("The topic to read, all of its partitions.");
    String name = topic.text();
    if (topic.isPresent() && !name.matches("[a-zA-Z0-9._-]{1,249}")) {
      topic.add(
          Code.CDT_106, "This is no topic's name.", "Write 1 to 249 of a-z, 0-9, '.', '_', '-'.");
    }
    Document group =
        kafka
            .get("groupId")
            .about(
                "Under it the position is kept, and offsets are committed; a new one begins anew.");
    String groupId = group.text();
    if (group.isPresent() && !groupId.matches("[!-.0-~]{1," + GROUP_CHARS_MAX + "}")) {
      group.add(
          Code.CDT_106,
          "This is no group's name.",
          "Write 1 to " + GROUP_CHARS_MAX + " printable characters without '/'.");
    }
    boolean fromEnd =
        kafka
                .maybe("start")
                .about("Where a topic that was never read is begun; earliest by default.")
                .choice(Start.class)
                .orElse(Start.EARLIEST)
            == Start.LATEST;
    SourceMapping mapping =
        AgentConfig.mapping(
            folder, kafka.get("mapping").about("What fields mean: a file, or here."));
    return new Topic(connection, name, groupId, fromEnd, format(folder, kafka, mapping), mapping);
  }

  private static MessageFormat format(Path folder, Document kafka, SourceMapping mapping) {
    Format format =
        kafka
            .maybe("format")
            .about("How a record's value is written; json by default.")
            .choice(Format.class)
            .orElse(Format.JSON);
    var json = new JsonCells(new ArrayList<>(mapping.columnNames()), JsonCells.Others.SKIPPED);
    boolean named = kafka.has("schema");
    boolean header = kafka.has("schemaId");
    if (format == Format.JSON && kafka.isMapping()) {
      for (String key : List.of("schema", "schemaId")) {
        if (kafka.has(key)) {
          kafka.get(key).add(Code.CDT_103, "Only Avro has a schema.", "Add 'format: avro'.");
        }
      }
      return json;
    }
    Document schema =
        kafka
            .get("schema")
            .about("The schema that bodies are written with, .avsc; with avro alone.");
    schema.text("");
    OptionalInt schemaId = OptionalInt.empty();
    if (header) {
      schemaId =
          OptionalInt.of(
              (int)
                  kafka
                      .maybe("schemaId")
                      .about("The schema's id in a header of 5 bytes; without it there is none.")
                      .integer(0, Integer.MAX_VALUE));
    }
    if (!named || !schema.isPresent()) {
      return json;
    }
    OptionalInt id = schemaId;
    Path file = AgentConfig.existing(folder, schema);
    if (!Files.exists(file)) {
      return json;
    }
    Optional<MessageFormat> avro =
        AvroSchemaFile.read(file, kafka.problems()).map(read -> new AvroCells(read, id));
    return avro.orElse(json);
  }
}
