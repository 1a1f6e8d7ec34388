package org.concordat.aggregator.bus;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.concordat.aggregator.bus.WorkerDirectory.Worker;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.Charter.Aggregator;
import org.concordat.schemas.identity.Charter.Caps;
import org.concordat.schemas.identity.Charter.Mode;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Digest;

/** Three aggregators of four partitions, and what they write of their workers. */
public final class TestFleet {
  public static final int PARTITIONS = 4;
  public static final List<String> NAMES = List.of("agg-1", "agg-2", "agg-3");

  private final List<SigningKey> keys =
      NAMES.stream().map(n -> SigningKey.generate(new SecureRandom())).toList();
  public final Charter charter = charter(1);

  Charter charter(int hashByte) {
    byte[] hash = new byte[32];
    Arrays.fill(hash, (byte) hashByte);
    return new Charter(
        new Digest(hash),
        1,
        new Digest(hash),
        "test",
        Mode.TEST,
        "rep3",
        PARTITIONS,
        1,
        false,
        35,
        Set.of(1),
        new Caps(0, 64, 1_000, 10),
        NAMES.stream()
            .map(n -> new Aggregator(n, "operator-" + n, key(NAMES.indexOf(n)).verifier()))
            .toList(),
        List.of());
  }

  SigningKey key(int party) {
    return keys.get(party);
  }

  /** An entry as the topic holds it. */
  public byte[] entry(int party, int partition, Worker worker) {
    return entry(charter, party, party, partition, worker);
  }

  byte[] entry(Charter of, int party, int signer, int partition, Worker worker) {
    return WorkerDirectory.record("workers", of, NAMES.get(party), partition, worker, key(signer))
        .value();
  }
}
