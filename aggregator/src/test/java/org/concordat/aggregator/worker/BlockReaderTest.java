package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.RefusalLog;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.seal.BlockOpener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A bank that fills its part of the buffer stops the reading of its own topic, and of no other; a
 * record that finds a bug stops none.
 */
@Timeout(120)
class BlockReaderTest {
  private static final String FULL = SealedBlocks.BANK;
  private static final String OTHER = "bank-b";
  private static final List<String> BANKS = List.of(FULL, OTHER);
  private static final int ROWS = BlockOpener.ROWS_MAX;
  private static final int BLOCKS_PER_BANK = 2;

  /** Whether the next block finds one. */
  private final AtomicBoolean bug = new AtomicBoolean();

  private final SealedBlocks blocks = new SealedBlocks(versions(bug));
  private final PartitionSetup setup =
      blocks.setup(blocks.openerInSession(), BANKS, BANKS.size() * BLOCKS_PER_BANK * ROWS);
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final BlockingQueue<Admission> admitted = new LinkedBlockingQueue<>();

  /** What a gate looks a block's contract up in, with a bug. */
  private static Set<Integer> versions(AtomicBoolean bug) {
    return new HashSet<>(Set.of(1)) {
      @Override
      public boolean contains(Object version) {
        if (bug.getAndSet(false)) {
          throw new IllegalStateException("stands for any bug");
        }
        return super.contains(version);
      }
    };
  }

  private BlockReader reader() {
    consumer.updateBeginningOffsets(Map.of(at(FULL), 0L, at(OTHER), 0L));
    consumer.updateEndOffsets(Map.of(at(FULL), 4L, at(OTHER), 4L));
    return new BlockReader(
        setup,
        () -> consumer,
        setup.view(),
        Map.of(),
        (admission, offset) -> admitted.add(admission));
  }

  private TopicPartition at(String bank) {
    return new TopicPartition(setup.topics().shares(bank, "agg-1"), SealedBlocks.PARTITION);
  }

  /** Comes with the next poll, unless its topic is paused. */
  private void write(String bank, long offset, byte[] value) {
    TopicPartition at = at(bank);
    consumer.schedulePollTask(
        () ->
            consumer.addRecord(
                new ConsumerRecord<>(at.topic(), at.partition(), offset, new byte[0], value)));
  }

  private void writeBlock(long sequence) {
    write(FULL, sequence, blocks.block(sequence, ROWS));
  }

  private Admission next() throws InterruptedException {
    return Objects.requireNonNull(admitted.poll(60, TimeUnit.SECONDS), "nothing was admitted");
  }

  private void assertNextIsBlock(long sequence) throws InterruptedException {
    assertThat(next())
        .isInstanceOfSatisfying(
            Admission.Accepted.class,
            accepted -> assertThat(accepted.sequence()).isEqualTo(sequence));
  }

  /** A record that is refused is one that was read. */
  private void assertOtherIsRead(long offset) throws InterruptedException {
    write(OTHER, offset, new byte[] {1});
    assertThat(next())
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> {
              assertThat(refused.bank()).isEqualTo(OTHER);
              assertThat(refused.code()).isEqualTo(Code.CDT_401);
            });
  }

  private void awaitPaused(Set<TopicPartition> expected) throws InterruptedException {
    while (!consumer.paused().equals(expected)) {
      Thread.sleep(1);
    }
  }

  @Test
  void aFullBankPausesItsOwnTopicUntilRowsAreReleased() throws Exception {
    writeBlock(0);
    try (BlockReader reader = reader()) {
      reader.start();
      assertNextIsBlock(0);
      assertOtherIsRead(0);
      assertThat(consumer.paused()).as("there is room for another block").isEmpty();

      writeBlock(1);
      assertNextIsBlock(1);
      awaitPaused(Set.of(at(FULL)));
      assertThat(setup.view().buffered(FULL)).isEqualTo(BLOCKS_PER_BANK * ROWS);

      writeBlock(2);
      assertOtherIsRead(1);
      assertOtherIsRead(2);
      assertThat(admitted).as("the full bank's next block stays on the bus").isEmpty();
      assertThat(consumer.paused()).containsExactly(at(FULL));

      reader.released(FULL, ROWS);
      assertNextIsBlock(2);
      awaitPaused(Set.of(at(FULL)));
      reader.released(FULL, BLOCKS_PER_BANK * ROWS);
      awaitPaused(Set.of());
      assertThat(setup.view().buffered(FULL)).isZero();
    }
  }

  @Test
  void aBugThatABlockFindsIsToldAndTheNextBlocksAreRead() throws Exception {
    bug.set(true);
    writeBlock(0);
    writeBlock(1);
    try (var lines = new LogLines(RefusalLog.class);
        BlockReader reader = reader()) {
      reader.start();
      assertThat(next()).isEqualTo(new Admission.Refused(FULL, Code.CDT_401, Optional.empty()));
      assertNextIsBlock(1);
      assertThat(reader.position(FULL)).isEqualTo(2);
      assertThat(lines.only())
          .containsEntry("code", "CDT-401")
          .containsEntry("bank", FULL)
          .containsEntry("topic", at(FULL).topic())
          .containsEntry("partition", SealedBlocks.PARTITION)
          .containsEntry("offset", 0L)
          .containsKey("sha256")
          .containsEntry("thrown", "java.lang.IllegalStateException");
    }
  }
}
