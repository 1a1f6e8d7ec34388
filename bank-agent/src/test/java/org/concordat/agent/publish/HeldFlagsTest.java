package org.concordat.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.concordat.agent.TestConsortium;
import org.concordat.agent.store.AgentStore;
import org.concordat.agent.store.BlockPosition;
import org.concordat.agent.store.TestStores;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.HeldNotice;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Signed;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldFlagsTest {
  private static final long DAY = 20_000;

  @TempDir private Path data;

  private final TestConsortium consortium = new TestConsortium(2);
  private AgentStore store;
  private HeldFlags held;
  private ReceiptLog log;
  private long offset;

  @BeforeEach
  void open() {
    store = TestStores.open(data);
    held = new HeldFlags(store, consortium.charter.partitions(), "large"::equals);
    log = new ReceiptLog(consortium.charter, TestConsortium.BANK, held, new SimpleMeterRegistry());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private byte[] notice(int aggregator, long day, long sequence, long next, SigningKey signer) {
    HeldNotice unsigned =
        HeldNotice.newBuilder()
            .setProtocol(Charter.PROTOCOL)
            .setCharter(consortium.charter.hash())
            .setBank(TestConsortium.BANK)
            .setPartition(1)
            .setBatch(9)
            .setDay(day)
            .setRule("large")
            .setCap(12)
            .setFirstSequence(sequence)
            .setFirstRow(5)
            .setRows(3)
            .setNextSequence(next)
            .setAggregator(TestConsortium.name(aggregator))
            .setIssuedMillis(aggregator)
            .setSignature(new Signature(new byte[64]))
            .build();
    return RecordCodec.encode(Signed.sign(unsigned, signer));
  }

  private void take(byte[] record) {
    log.record(0, offset++, record);
  }

  private void say(int aggregator, long day, long sequence, long next) {
    take(notice(aggregator, day, sequence, next, consortium.aggregatorKeys.get(aggregator)));
  }

  @Test
  void twoAggregatorsMakeItSo() {
    say(0, DAY, 4, 0);
    assertThat(held.rules(new BlockPosition(1, 4), 5)).isEmpty();
    say(1, DAY, 4, 0);
    assertThat(held.rules(new BlockPosition(1, 4), 4)).isEmpty();
    assertThat(held.rules(new BlockPosition(1, 4), 5)).containsExactly("large");
    assertThat(held.rules(new BlockPosition(1, 99), 0)).containsExactly("large");
    assertThat(held.rules(new BlockPosition(0, 99), 0)).isEmpty();
  }

  @Test
  void aDayThatHasEndedHoldsNoMore() {
    say(0, DAY, 4, 8);
    say(2, DAY, 4, 8);
    assertThat(held.rules(new BlockPosition(1, 7), 1_000)).containsExactly("large");
    assertThat(held.rules(new BlockPosition(1, 8), 0)).isEmpty();
  }

  @Test
  void aggregatorsThatDisagreeHoldNothing() {
    say(0, DAY, 4, 0);
    say(1, DAY, 5, 0);
    assertThat(held.rules(new BlockPosition(1, 99), 0)).isEmpty();
  }

  @Test
  void anotherSignatureCountsForNothing() {
    say(0, DAY, 4, 0);
    take(notice(1, DAY, 4, 0, consortium.bankKey));
    assertThat(held.rules(new BlockPosition(1, 99), 0)).isEmpty();
  }

  @Test
  void anAggregatorsOldestDayGivesWayToItsNewest() {
    say(0, DAY, 4, 8);
    say(1, DAY, 4, 8);
    int days = Math.toIntExact(store.limits().seenAge().toDays()) + 2;
    for (int later = 1; later < days; later++) {
      say(0, DAY + later, 50, 0);
    }
    assertThat(held.rules(new BlockPosition(1, 4), 5)).containsExactly("large");
    say(0, DAY + days, 50, 0);
    assertThat(held.rules(new BlockPosition(1, 4), 5)).isEmpty();
    assertThat(store.values("held/")).hasSize(days + 1);
    say(0, DAY, 4, 8);
    assertThat(held.rules(new BlockPosition(1, 4), 5)).as("as old as before").isEmpty();
  }

  @Test
  void daysThatAnAggregatorMakesUpShutOutItsOwnWordsAlone() {
    for (int i = 0; i < 100; i++) {
      say(2, Long.MAX_VALUE - i, 50, 0);
    }
    for (int aggregator = 0; aggregator < 3; aggregator++) {
      say(aggregator, DAY, 4, 0);
    }
    assertThat(held.rules(new BlockPosition(1, 4), 5)).containsExactly("large");
    assertThat(store.values("held/")).hasSize((int) store.limits().seenAge().toDays() + 2 + 2);
  }

  @Test
  void whatCannotBeForgetsAndKeepsNothing() {
    say(0, DAY, 4, 0);
    say(1, DAY, 4, 0);
    int kept = store.values("held/").size();
    say(2, -1, 50, 0);
    take(notice(2, 1, DAY, "unknown"));
    take(notice(2, -1, DAY, "large"));
    take(notice(2, consortium.charter.partitions(), DAY, "large"));
    assertThat(store.values("held/")).hasSize(kept);
    assertThat(held.rules(new BlockPosition(1, 4), 5)).containsExactly("large");
  }

  private byte[] notice(int aggregator, int partition, long day, String rule) {
    return RecordCodec.encode(
        Signed.sign(
            HeldNotice.newBuilder(
                    RecordCodec.decode(
                        HeldNotice.class,
                        notice(aggregator, day, 4, 0, consortium.aggregatorKeys.get(aggregator))))
                .setPartition(partition)
                .setRule(rule)
                .build(),
            consortium.aggregatorKeys.get(aggregator)));
  }
}
