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
import java.util.stream.Stream;
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

/**
 * A copy of every topic of shares that somebody has kept, and all that all aggregators hold to open
 * it. Only the clock is made up.
 */
final class KeptCopies {
  private static final SealingKeys.Lives LIVES =
      new SealingKeys.Lives(Duration.ofHours(24), Duration.ofDays(8));

  private final Path folder;
  private final List<Copy> copies = new ArrayList<>();
  private final List<BlockOpener> inMemory = new ArrayList<>();
  private final List<SealingKeys> keys = new ArrayList<>();
  private long shiftMillis;

  /** A copy of what an aggregator can read: the set-ups for it, and its blocks. */
  private record Copy(String aggregator, List<byte[]> setups, List<byte[]> blocks) {}

  private KeptCopies(Path folder) {
    this.folder = folder;
  }

  /** Copies a running consortium's topics. While they are new, each aggregator opens its own. */
  static KeptCopies take(Path folder, Charter charter, List<String> banks) throws Exception {
    var kept = new KeptCopies(folder);
    for (String aggregator : Consortium.AGGREGATORS) {
      Copy copy = copy(folder, charter, banks, aggregator);
      SealingKeys held = kept.keys(aggregator);
      var opener = new BlockOpener(charter, aggregator, held::find);
      assertThat(opened(opener, copy))
          .as("blocks that %s opens", aggregator)
          .isEqualTo(copy.blocks.size())
          .isPositive();
      kept.copies.add(copy);
      kept.inMemory.add(opener);
      kept.keys.add(held);
    }
    return kept;
  }

  /**
   * Lets the keys have had their time: then neither a process that has used them nor whoever takes
   * what is left of any aggregator's opens anything. The aggregators are stopped.
   */
  void openNothingOnceTheKeysAreDestroyed(Charter charter) throws Exception {
    shiftMillis = LIVES.inUse().multipliedBy(2).plus(LIVES.kept()).toMillis();
    for (int i = 0; i < copies.size(); i++) {
      List<String> destroyed = keys.get(i).turn();
      assertThat(destroyed).hasSize(1);
      destroyed.forEach(inMemory.get(i)::forget);
      assertThat(opened(inMemory.get(i), copies.get(i))).as("opened by the process").isZero();
    }
    for (Copy copy : copies) {
      for (String holder : Consortium.AGGREGATORS) {
        SealingKeys left = keys(holder);
        var opener = new BlockOpener(charter, copy.aggregator, left::find);
        assertThat(opened(opener, copy)).as("opened with all that %s holds", holder).isZero();
      }
    }
  }

  private SealingKeys keys(String aggregator) throws Exception {
    Path own = folder.resolve(aggregator).resolve("sealing");
    try (Stream<Path> files = Files.list(own)) {
      assertThat(files).isNotEmpty();
    }
    var problems = new Problems();
    SealingKeys held =
        SealingKeys.open(
            own,
            LIVES,
            new SteadyClock(
                () -> System.currentTimeMillis() + shiftMillis,
                () -> System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(shiftMillis)),
            new SecureRandom(),
            problems);
    problems.throwIfAny();
    return held;
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
