package org.concordat.it;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.concordat.aggregator.keys.SealingKeys;
import org.concordat.schemas.clock.SteadyClock;
import org.concordat.schemas.identity.Charter;
import org.concordat.schemas.problem.Problems;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.SessionSetup;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.seal.Opening;

/** All blocks of one bank that one aggregator can decrypt with its own key, by sequence. */
final class HeldShares {
  private static final SealingKeys.Lives LIVES =
      new SealingKeys.Lives(Duration.ofDays(1), Duration.ofDays(8));

  private HeldShares() {}

  static Map<Long, Opening.Opened> read(
      Bus bus, Charter charter, String bank, String aggregator, Path sealingKeys) {
    var problems = new Problems();
    SealingKeys keys =
        SealingKeys.open(sealingKeys, LIVES, SteadyClock.ofSystem(), new SecureRandom(), problems);
    problems.throwIfAny();
    var opener = new BlockOpener(charter, aggregator, keys::find);
    var topics = charter.topics("");
    for (ConsumerRecord<byte[], byte[]> record : bus.read(Set.of(topics.sessions(bank)))) {
      SessionSetup setup = RecordCodec.decode(SessionSetup.class, record.value());
      if (setup.getAggregator().equals(aggregator)) {
        Optional<?> refusal = opener.setup(setup);
        if (refusal.isPresent()) {
          throw new AssertionError("The session is refused: " + refusal);
        }
      }
    }
    Map<Long, Opening.Opened> blocks = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record :
        bus.read(Set.of(topics.shares(bank, aggregator)))) {
      if (opener.open(record.value()) instanceof Opening.Opened opened) {
        blocks.put(opened.core().getSequence(), opened);
      }
    }
    return blocks;
  }
}
