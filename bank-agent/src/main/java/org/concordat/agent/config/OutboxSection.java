package org.concordat.agent.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;
import org.concordat.agent.config.AgentConfig.Outbox;
import org.concordat.agent.config.AgentConfig.Server;
import org.concordat.agent.ingest.JsonCells;
import org.concordat.rules.feature.SourceMapping;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Document;

/** The section {@code ingest.outbox}: without TLS only a database on this machine is read. */
final class OutboxSection {
  /** Such names need no quotes in SQL and mean themselves in a pattern. */
  private static final String NAME = "[a-z_][a-z0-9_]{0,62}";

  private static final String NAME_FIX = "Write 1 to 63 of a-z, 0-9 and '_', no digit first.";
  private static final int PASSWORD_BYTES_MAX = 1_024;

  private enum Tls {
    VERIFY_FULL,
    PLAIN
  }

  private OutboxSection() {}

  static Outbox read(Path folder, Document outbox) {
    Document host = outbox.get("host").about("Where PostgreSQL, 13 or later, is reached.");
    if (host.isPresent() && !host.text().matches("[0-9A-Za-z.-]{1,253}")) {
      host.add(Code.CDT_106, "This is no host's name.", "Write a name or an IPv4 address.");
    }
    int port = (int) outbox.maybe("port").about("Its port.").integer(1, 65_535, 5_432);
    var server =
        new Server(
            host.text(),
            port,
            name(outbox.get("database").about("The database with the table.")),
            name(outbox.get("user").about("A role that may replicate.")),
            password(folder, outbox.get("password").about("A file that holds its password.")),
            authority(folder, outbox, host));
    Document table = outbox.get("table").about("SCHEMA.TABLE that payments are inserted into.");
    String[] parts = table.text().split("\\.", -1);
    if (table.isPresent()
        && !(parts.length == 2 && parts[0].matches(NAME) && parts[1].matches(NAME))) {
      table.add(Code.CDT_106, "This is no SCHEMA.TABLE.", NAME_FIX);
    }
    Document slot =
        outbox
            .get("slot")
            .about("A replication slot of the agent's own; under it the position is kept.");
    Document publication = outbox.get("publication").about("Publishes the table's inserts.");
    SourceMapping mapping =
        AgentConfig.mapping(
            folder, outbox.get("mapping").about("What keys mean: a file, or here."));
    return new Outbox(
        server,
        parts[0],
        parts[parts.length - 1],
        name(slot),
        name(publication),
        new JsonCells(new ArrayList<>(mapping.columnNames()), JsonCells.Others.SKIPPED),
        mapping);
  }

  private static String name(Document name) {
    if (name.isPresent() && !name.text().matches(NAME)) {
      name.add(Code.CDT_106, "This name isn't taken here.", NAME_FIX);
    }
    return name.text();
  }

  private static Path password(Path folder, Document password) {
    Path file = AgentConfig.existing(folder, password);
    if (password.isPresent()
        && Files.isRegularFile(file)
        && KeyFiles.isPrivate(file, password.problems())) {
      try {
        if (Files.size(file) > PASSWORD_BYTES_MAX || Files.readString(file).isBlank()) {
          password.add(
              Code.CDT_106,
              "The file is empty, or larger than " + PASSWORD_BYTES_MAX + " bytes.",
              "Write the password alone into it.");
        }
      } catch (IOException e) {
        password.add(Code.CDT_101, Code.CDT_101.cause(), Code.CDT_101.fix());
      }
    }
    return file;
  }

  private static Optional<Path> authority(Path folder, Document outbox, Document host) {
    Tls tls =
        outbox
            .maybe("tls")
            .about("verify-full by default; plain for a database on this machine alone.")
            .choice(Tls.class)
            .orElse(Tls.VERIFY_FULL);
    if (tls == Tls.PLAIN) {
      if (host.isPresent() && !isLoopback(host.text())) {
        host.add(Code.CDT_388, Code.CDT_388.cause(), Code.CDT_388.fix());
      }
      return Optional.empty();
    }
    return Optional.of(
        AgentConfig.existing(
            folder,
            outbox
                .get("authority")
                .about("PEM of who issued the server's certificate; with TLS alone.")));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
