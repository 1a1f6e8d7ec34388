package org.concordat.ops;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.StoreLimits;
import org.concordat.schemas.identity.KeyFiles;
import org.concordat.schemas.identity.SymmetricKey;
import org.concordat.schemas.seal.AtRestBox;

/** What an agent keeps in its bank's folder, written without the agent. */
final class BankStore {
  static final StoreLimits LIMITS =
      new StoreLimits(
          1L << 30,
          1L << 20,
          Duration.ofDays(35),
          Duration.ofDays(35),
          Duration.ofHours(24),
          StoreLimits.MEMORY_BYTES,
          StoreLimits.DISK_BYTES);

  private BankStore() {}

  static SymmetricKey key(Path bank, String name) {
    return Inputs.complete(problems -> KeyFiles.readSymmetricKey(bank.resolve(name), problems));
  }

  static AgentStore open(Path bank) {
    var box = new AtRestBox(key(bank, "store.key"), new SecureRandom());
    return AgentStore.open(bank.resolve("data"), box, LIMITS, 3);
  }
}
