package org.concordat.ops.consortium;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Set;
import org.concordat.agent.api.Role;
import org.concordat.agent.api.Tokens;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.identity.SymmetricKey;

/** Makes a bank's own secrets, in a folder that only its owner can enter. */
public final class BankFolder {
  private final SigningKey signing;
  private final Charter.Bank entry;

  private BankFolder(SigningKey signing, Charter.Bank entry) {
    this.signing = signing;
    this.entry = entry;
  }

  /**
   * Writes signing, alert, transaction-id and store keys, a token for each role, and the data
   * folder.
   *
   * @param own the bank's folder; holds none of these yet
   */
  public static BankFolder create(Path own, String name, SecureRandom random) throws IOException {
    SigningKey signing = SigningKey.generate(random);
    KeyFiles.write(own.resolve("signing.key"), signing);
    SealingKeyPair alert = SealingKeyPair.generate(random);
    KeyFiles.write(own.resolve("alert.key"), alert);
    KeyFiles.write(own.resolve("transaction-id.key"), SymmetricKey.generate(random));
    KeyFiles.write(own.resolve("store.key"), SymmetricKey.generate(random));
    Files.createDirectory(own.resolve("data"));
    tokens(own, random);
    return new BankFolder(signing, new Charter.Bank(name, signing.verifier(), alert.publicKey()));
  }

  /** A token for each role, in a file of its own, and the file by which the agent knows them. */
  private static void tokens(Path own, SecureRandom random) throws IOException {
    var text = new StringBuilder("format: 1\ntokens:\n");
    for (Role role : Role.values()) {
      String name = role.name().toLowerCase(Locale.ROOT);
      String token = Tokens.generate(random);
      KeyFiles.writePrivate(
          own.resolve(name + ".token"), token.getBytes(StandardCharsets.US_ASCII));
      text.append(Tokens.entry(name, Set.of(role), token));
    }
    KeyFiles.writePrivate(
        own.resolve("tokens.yaml"), text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  /** What the charter lists of it. */
  public Charter.Bank entry() {
    return entry;
  }

  SigningKey signing() {
    return signing;
  }
}
