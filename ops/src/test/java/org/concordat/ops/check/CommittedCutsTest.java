package org.concordat.ops.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.concordat.agent.store.BlockPosition;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.CutEntry;
import org.concordat.schemas.record.CutHashes;
import org.concordat.schemas.record.CutRecord;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.record.Skip;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.Test;

class CommittedCutsTest {
  private static final Digest NONE = new Digest(new byte[32]);
  private static final String BANK = "bank-a";
  private static final long FAR = 1L << 60;

  private final SecureRandom random = new SecureRandom();
  private final List<SigningKey> keys =
      List.of(SigningKey.generate(random), SigningKey.generate(random));
  private final Charter charter =
      new Charter(
          NONE,
          1,
          NONE,
          "demo",
          Charter.Mode.TEST,
          "rep3",
          1,
          1,
          false,
          35,
          Set.of(1),
          new Charter.Caps(0, 64, 10, 4),
          List.of(aggregator(0), aggregator(1)),
          List.of());
  private final CommittedCuts cuts = new CommittedCuts();

  private Charter.Aggregator aggregator(int index) {
    return new Charter.Aggregator("agg-" + index, "operator", keys.get(index).verifier());
  }

  /** Has both aggregators sign a cut. */
  private void take(CutEntry entry, Skip... skips) {
    RecordCodec.trustRecords();
    CutRecord unsigned =
        CutRecord.newBuilder()
            .setProtocol(Charter.PROTOCOL)
            .setCharter(NONE)
            .setPartition(0)
            .setBatch(0)
            .setAttempt(0)
            .setEntries(List.of(entry))
            .setSkips(List.of(skips))
            .setHeaders(NONE)
            .setRuleSet(NONE)
            .setRuleSetVersion(1)
            .setPreviousCut(NONE)
            .setCut(NONE)
            .setCommitDay(0)
            .setAggregator("")
            .setCommittedMillis(0)
            .setSignature(new Signature(new byte[64]))
            .build();
    Digest hash = CutHashes.cut(unsigned);
    for (int i = 0; i < keys.size(); i++) {
      CutRecord own = CutRecord.newBuilder(unsigned).setCut(hash).setAggregator("agg-" + i).build();
      cuts.take(charter, RecordCodec.encode(Signed.sign(own, keys.get(i))));
    }
  }

  private static CutEntry entry(long first, long next, int rows) {
    return new CutEntry(BANK, first, next, rows, 0L);
  }

  private static Skip skip(long first, long next) {
    return new Skip(BANK, first, next, "CDT-601", List.of("agg-0"));
  }

  private boolean isSkipped(long sequence) {
    return cuts.isSkipped(BANK, new BlockPosition(0, sequence));
  }

  private boolean isScored(long sequence) {
    return cuts.ruleSet(BANK, new BlockPosition(0, sequence)).isPresent();
  }

  @Test
  void whatIsNoCutIsLeftOutAndCounted() {
    cuts.take(charter, null);
    cuts.take(charter, new byte[] {9});
    assertThat(cuts.unreadable()).isEqualTo(2);
    assertThat(cuts.commits()).isEmpty();
    assertThat(cuts.rows()).isZero();
  }

  @Test
  void aSkippedRangeIsSkippedFromEndToEnd() {
    take(entry(3, 9, 50), skip(4, 5), skip(6, 8));
    assertThat(cuts.rows()).isEqualTo(50);
    assertThat(cuts.batches().getFirst().blocks())
        .extracting(block -> block.position().sequence())
        .containsExactly(3L, 5L, 8L);
    for (long sequence = 2; sequence < 10; sequence++) {
      boolean skipped = sequence == 4 || sequence == 6 || sequence == 7;
      assertThat(isSkipped(sequence)).as("%d", sequence).isEqualTo(skipped);
      boolean scored = !skipped && sequence >= 3 && sequence < 9;
      assertThat(isScored(sequence)).as("%d", sequence).isEqualTo(scored);
    }
    assertThat(cuts.isSkipped(BANK, new BlockPosition(1, 4))).isFalse();
    assertThat(cuts.isSkipped("bank-b", new BlockPosition(0, 4))).isFalse();
  }

  @Test
  void aRangeOfAnyLengthIsTakenAtOnce() {
    take(entry(0, FAR, 10), skip(1, FAR));
    assertThat(isScored(0)).isTrue();
    assertThat(isSkipped(0)).isFalse();
    assertThat(isSkipped(1)).isTrue();
    assertThat(isSkipped(FAR - 1)).isTrue();
    assertThat(isSkipped(FAR)).isFalse();
    assertThat(cuts.batches().getFirst().blocks()).hasSize(1);
  }

  @Test
  void aRangeOutsideOfItsEntryIsNoCut() {
    take(entry(0, 2, 10), skip(1, 3));
    assertThat(cuts.commits()).isEmpty();
    assertThat(cuts.unreadable()).isEqualTo(2);
    assertThat(isSkipped(1)).isFalse();
  }
}
