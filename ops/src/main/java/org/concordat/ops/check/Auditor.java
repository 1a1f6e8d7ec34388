package org.concordat.ops.check;

import java.nio.file.Path;
import java.util.Objects;
import org.concordat.schemas.bus.KafkaConnection;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Document;
import org.concordat.schemas.problem.InvalidInputException;
import org.concordat.schemas.problem.Problems;

/** Who checks a consortium: its charter, and a connection that may read its cuts. */
record Auditor(Charter charter, KafkaConnection connection) {
  /**
   * Reads both in a consortium's folder.
   *
   * @throws InvalidInputException a file is missing or wrong
   */
  static Auditor of(Path folder) {
    var problems = new Problems();
    Charter charter = Charter.read(folder.resolve("charter.yaml"), problems).orElse(null);
    Document auditor = Document.read(folder.resolve("auditor/auditor.yaml"), problems);
    KafkaConnection connection =
        KafkaConnection.read(auditor.get("kafka"), folder.resolve("auditor"));
    problems.throwIfAny();
    return new Auditor(Objects.requireNonNull(charter), connection);
  }
}
