package org.concordat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.aggregator.keys.SealingKeys;
import org.concordat.ops.demo.Consortium;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Opening;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The bus forgets: when the aggregators' keys have had their time, whoever kept a copy of every
 * topic and takes all that all aggregators still hold opens nothing. Only the clock is made up.
 */
class RetentionIT {
  private static final int PAYMENTS = 2_000;
  private static final SealingKeys.Lives LIVES =
      new SealingKeys.Lives(Duration.ofHours(24), Duration.ofDays(8));

  @TempDir private Path temp;

  private long shiftMillis;

  /** A copy of what an aggregator can read: the set-ups for it, and its blocks. */
  private record Copy(String aggregator, List<byte[]> setups, List<byte[]> blocks) {}

  @Test
  void aCopyOfTheTopicsOpensNothingOnceTheKeysAreDestroyed() throws Exception {
    Path folder = temp.resolve("retention");
    try (Consortium consortium = Runs.simulated(folder, 2, PAYMENTS, 0)) {
      Runs.startAll(consortium);
      Runs.awaitComplete(consortium, 120);
      var problems = new Problems();
      Charter charter = Charter.read(folder.resolve("charter.yaml"), problems).orElseThrow();
      List<Copy> copies = new ArrayList<>();
      List<BlockOpener> inMemory = new ArrayList<>();
      List<SealingKeys> keys = new ArrayList<>();
      for (String aggregator : Consortium.AGGREGATORS) {
        Copy copy = copy(folder, charter, consortium.banks(), aggregator);
        SealingKeys held = keys(folder, aggregator);
        var opener = new BlockOpener(charter, aggregator, held::find);
        assertThat(opened(opener, copy))
            .as("blocks that %s opens", aggregator)
            .isEqualTo(copy.blocks.size())
            .isPositive();
        copies.add(copy);
        inMemory.add(opener);
        keys.add(held);
      }
      consortium.close();

      shiftMillis = LIVES.inUse().multipliedBy(2).plus(LIVES.kept()).toMillis();
      for (int i = 0; i < copies.size(); i++) {
        Copy copy = copies.get(i);
        List<String> destroyed = keys.get(i).turn();
        assertThat(destroyed).hasSize(1);
        destroyed.forEach(inMemory.get(i)::forget);
        assertThat(opened(inMemory.get(i), copy)).as("opened by the process").isZero();
      }
      for (Copy copy : copies) {
        for (String holder : Consortium.AGGREGATORS) {
          SealingKeys left = keys(folder, holder);
          var opener = new BlockOpener(charter, copy.aggregator, left::find);
          assertThat(opened(opener, copy)).as("opened with all that %s holds", holder).isZero();
        }
      }
    }
  }

  private SealingKeys keys(Path folder, String aggregator) throws Exception {
    Path own = folder.resolve(aggregator).resolve("sealing");
    assertThat(Files.list(own)).isNotEmpty();
    var problems = new Problems();
    SealingKeys keys =
        SealingKeys.open(
            own,
            LIVES,
            new SteadyClock(
                () -> System.currentTimeMillis() + shiftMillis,
                () -> System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(shiftMillis)),
            new SecureRandom(),
            problems);
    problems.throwIfAny();
    return keys;
  }

  private static Copy copy(Path folder, Charter charter, List<String> banks, String aggregator)
      throws Exception {
    Bus bus = Bus.of(folder.resolve(aggregator).resolve("aggregator.yaml"));
    var topics = charter.topics("");
    List<byte[]> setups = new ArrayList<>();
    List<byte[]> blocks = new ArrayList<>();
    for (String bank : banks) {
      for (ConsumerRecord<byte[], byte[]> record : bus.read(Set.of(topics.sessions(bank)))) {
        SessionSetup setup = RecordCodec.decode(SessionSetup.class, record.value());
        if (setup.getAggregator().equals(aggregator)) {
          setups.add(record.value());
        }
      }
      bus.read(Set.of(topics.shares(bank, aggregator)))
          .forEach(record -> blocks.add(record.value()));
    }
    return new Copy(aggregator, setups, blocks);
  }

  private static int opened(BlockOpener opener, Copy copy) {
    copy.setups.forEach(setup -> opener.setup(RecordCodec.decode(SessionSetup.class, setup)));
    int opened = 0;
    for (byte[] block : copy.blocks) {
      opened += opener.open(block) instanceof Opening.Opened ? 1 : 0;
    }
    return opened;
  }
}
