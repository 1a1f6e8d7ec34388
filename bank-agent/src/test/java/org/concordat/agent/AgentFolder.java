package org.concordat.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder with a configuration and a rule set, for tests that need no charter and no broker. */
public final class AgentFolder {
  private AgentFolder() {}

  public static void write(Path folder) throws IOException {
    for (String name :
        new String[] {
          "charter.yaml",
          "signing.key",
          "alert.key",
          "transaction-id.key",
          "store.key",
          "tls.crt",
          "tls.key",
          "ca.crt"
        }) {
      Files.setPosixFilePermissions(
          Files.writeString(folder.resolve(name), ""),
          PosixFilePermissions.fromString("rw-------"));
    }
    Path rules = Files.createDirectory(folder.resolve("rules"));
    Files.writeString(
        rules.resolve("contract.yaml"),
        """
        format: 1
        contract: test
        version: 1
        currency: EUR
        features:
          amount: {type: amount, min: 0, max: 1000}
          count: {type: integer, min: 0, max: 9, unit: items}
        """);
    Files.writeString(
        rules.resolve("rules.yaml"),
        """
        format: 1
        ruleSet: test
        version: 1
        contract: test@1
        rules:
          - rule: large
            title: A large amount
            condition: {feature: amount, above: 900}
        """);
    Files.writeString(
        folder.resolve("agent.yaml"),
        """
        bank: bank-a
        charter: charter.yaml
        rules: rules
        keys:
          signing: signing.key
          alert: alert.key
          transactionId: transaction-id.key
          store: store.key
        kafka: {bootstrap: localhost:9092, certificate: tls.crt, key: tls.key, authority: ca.crt}
        data: data
        ingest:
          csv:
            file: payments.csv
            mapping:
              reference: id
              time: {column: time, unit: seconds, origin: 2024-01-01T00:00:00Z}
              columns: {amount: amount, count: count}
        """);
  }
}
