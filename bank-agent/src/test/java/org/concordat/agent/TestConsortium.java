package org.concordat.agent;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SealingKeyPair;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.HpkeKey;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Signed;

/** A charter with one bank and three aggregators, and all their keys. */
public final class TestConsortium {
  public static final String BANK = "bank-a";
  private static final Digest ZERO = new Digest(new byte[32]);

  private final SecureRandom random = new SecureRandom();
  public final SigningKey bankKey = SigningKey.generate(random);
  public final List<SigningKey> aggregatorKeys = new ArrayList<>();
  public final List<SealingKeyPair> sealingKeys = new ArrayList<>();
  public final SealingKeyPair alertKey = SealingKeyPair.generate(random);
  public final Charter charter;

  public TestConsortium(int partitions) {
    var aggregators = new ArrayList<Charter.Aggregator>();
    for (int i = 0; i < 3; i++) {
      aggregatorKeys.add(SigningKey.generate(random));
      sealingKeys.add(SealingKeyPair.generate(random));
      aggregators.add(
          new Charter.Aggregator(name(i), "operator-" + i, aggregatorKeys.get(i).verifier()));
    }
    charter =
        new Charter(
            ZERO,
            1,
            ZERO,
            "demo",
            Charter.Mode.TEST,
            "rep3",
            partitions,
            1,
            false,
            35,
            Set.of(1),
            new Charter.Caps(0, 64, 1000, 8),
            aggregators,
            List.of(new Charter.Bank(BANK, bankKey.verifier(), alertKey.publicKey())));
  }

  public static String name(int aggregator) {
    return "agg-" + (aggregator + 1);
  }

  /** An aggregator's announcement of its sealing key. */
  public byte[] key(int aggregator, int epoch, long notAfterMillis) {
    return key(aggregator, epoch, 0, notAfterMillis, aggregatorKeys.get(aggregator));
  }

  public byte[] key(
      int aggregator, int epoch, long notBeforeMillis, long notAfterMillis, SigningKey signer) {
    var unsigned =
        new HpkeKey(
            Charter.PROTOCOL,
            charter.hash(),
            name(aggregator),
            "key-" + epoch,
            epoch,
            ByteBuffer.wrap(sealingKeys.get(aggregator).publicKey().bytes()),
            notBeforeMillis,
            notAfterMillis,
            new Signature(new byte[64]));
    return RecordCodec.encode(Signed.sign(unsigned, signer));
  }

  public BlockOpener opener(int aggregator) {
    return new BlockOpener(charter, name(aggregator), id -> sealingKeys.get(aggregator));
  }

  /** A cut as one aggregator signs it. */
  public byte[] cut(
      int aggregator, int partition, long batch, List<CutEntry> entries, List<Skip> skips) {
    return cut(aggregator, partition, batch, entries, skips, aggregatorKeys.get(aggregator));
  }

  public byte[] cut(
      int aggregator,
      int partition,
      long batch,
      List<CutEntry> entries,
      List<Skip> skips,
      SigningKey signer) {
    var builder =
        CutRecord.newBuilder()
            .setProtocol(Charter.PROTOCOL)
            .setCharter(charter.hash())
            .setPartition(partition)
            .setBatch(batch)
            .setAttempt(0)
            .setEntries(entries)
            .setSkips(skips)
            .setHeaders(ZERO)
            .setRuleSet(ZERO)
            .setRuleSetVersion(1)
            .setPreviousCut(ZERO)
            .setCut(ZERO)
            .setCommitDay(0)
            .setAggregator(name(aggregator))
            .setCommittedMillis(0)
            .setSignature(new Signature(new byte[64]));
    Digest hash = CutHashes.cut(builder.build());
    return RecordCodec.encode(Signed.sign(builder.setCut(hash).build(), signer));
  }

  public static CutEntry entry(long first, long next) {
    return new CutEntry(BANK, first, next, 0, 0L);
  }

  public static Skip skip(long sequence) {
    return skip(sequence, sequence + 1);
  }

  public static Skip skip(long first, long next) {
    return new Skip(BANK, first, next, "CDT-409", List.of(name(0), name(1)));
  }
}
