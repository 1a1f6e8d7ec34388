package org.concordat.ops.consortium;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.concordat.schemas.identity.KeyFiles;

/** A table of the bank's PostgreSQL; on this machine without TLS to begin with. */
public record OutboxInput(int port, String database, String bank, Path mapping)
    implements ConsortiumFolder.Input {
  private static final int PORT = 5_432;
  private static final int PASSWORD_BYTES = 24;

  /** Writes a new password into the bank's folder; table and role have the bank's name. */
  public static OutboxInput create(Path folder, String bank, Path mapping) throws IOException {
    return create(folder, bank, PORT, "payments", mapping);
  }

  /** As {@link #create(Path, String, Path)}, for another database. */
  public static OutboxInput create(
      Path folder, String bank, int port, String database, Path mapping) throws IOException {
    byte[] password = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(password);
    KeyFiles.writePrivate(
        folder.resolve(bank).resolve("outbox.password"),
        HexFormat.of().formatHex(password).getBytes(StandardCharsets.US_ASCII));
    return new OutboxInput(port, database, bank, mapping);
  }

  /** A name that needs no quotes in SQL. */
  public String name() {
    return "concordat_" + bank.replace('-', '_');
  }

  @Override
  public String section() {
    return """
    outbox:
      host: 127.0.0.1
      port: %d
      database: %s
      user: %s
      password: outbox.password
      tls: plain
      table: public.%s_outbox
      slot: %s
      publication: %s
      mapping: %s
    """
        .formatted(port, database, name(), name(), name(), name(), mapping);
  }
}
