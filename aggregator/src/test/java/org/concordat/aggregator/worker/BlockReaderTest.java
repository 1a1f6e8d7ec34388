package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.concordat.aggregator.LogLines;
import org.concordat.aggregator.bus.BankTopics;
import org.concordat.aggregator.bus.OwnLog;
import org.concordat.aggregator.bus.RefusalLog;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.PartitionState;
import org.concordat.schemas.seal.BlockOpener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A bank that fills its part of the buffer stops the reading of its own topic, and of no other; a
 * record that finds a bug stops none; what fails for several banks stops the process.
 */
@Timeout(120)
class BlockReaderTest {
  private static final String FULL = SealedBlocks.BANK;
  private static final String OTHER = SealedBlocks.OTHER;
  private static final List<String> BANKS = List.of(FULL, OTHER);
  private static final int ROWS = BlockOpener.ROWS_MAX;
  private static final int BLOCKS_PER_BANK = 2;
  private static final long STALL_MILLIS = 2_000;

  /** How many of the next blocks find one. */
  private final AtomicInteger bugs = new AtomicInteger();

  private final CompletableFuture<Throwable> halted = new CompletableFuture<>();
  private final SealedBlocks blocks = new SealedBlocks(versions(bugs));
  private final PartitionSetup setup =
      blocks.setup(
          blocks.openerInSession(), BANKS, BANKS.size() * BLOCKS_PER_BANK * ROWS, halted::complete);
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final BlockingQueue<Admission> admitted = new LinkedBlockingQueue<>();

  /** What a gate looks a block's contract up in, with a bug. */
  private static Set<Integer> versions(AtomicInteger bugs) {
    return new HashSet<>(Set.of(1)) {
      @Override
      public boolean contains(Object version) {
        if (bugs.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          throw new IllegalStateException("stands for any bug");
        }
        return super.contains(version);
      }
    };
  }

  private BlockReader reader() {
    return reader(OwnLog.initial(1, SealedBlocks.PARTITION));
  }

  private BlockReader reader(PartitionState start) {
    consumer.updateBeginningOffsets(Map.of(at(FULL), 0L, at(OTHER), 0L));
    consumer.updateEndOffsets(Map.of(at(FULL), 4L, at(OTHER), 4L));
    return new BlockReader(
        setup, () -> consumer, start, (admission, offset) -> admitted.add(admission));
  }

  /** Where a bank's blocks below a sequence are used up. */
  private static PartitionState usedBelow(long sequence) {
    return PartitionState.newBuilder(OwnLog.initial(1, SealedBlocks.PARTITION))
        .setNextSequences(Map.of(FULL, sequence))
        .build();
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

  /** The next poll finds how far the topics go, and nothing to read. */
  private void writeNothing() {
    consumer.schedulePollTask(() -> {});
  }

  private void writeBlock(long sequence) {
    write(FULL, sequence, blocks.block(sequence, ROWS));
  }

  private void writeOthersBlock(long sequence) {
    write(OTHER, sequence, blocks.otherBlock(sequence, 1));
  }

  private void assertNextFailed(String bank) throws InterruptedException {
    assertThat(next()).isEqualTo(new Admission.Refused(bank, Code.CDT_401, Optional.empty()));
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

  /** As a start reads it that a block far ahead has held back, which is the first of them here. */
  @Test
  void whatWasUsedUpAtTheStartIsNotOpenedAgain() throws Exception {
    byte[] broken = blocks.block(1, 1);
    broken[broken.length - 1] ^= 1;
    writeNothing();
    write(FULL, 0, blocks.block(1L << 60, 1));
    write(FULL, 1, blocks.block(0, 1));
    write(FULL, 2, broken);
    write(FULL, 3, blocks.block(2, 1));
    // Written after the start.
    write(FULL, 4, broken);
    write(FULL, 5, blocks.block(1, 1));
    try (BlockReader reader = reader(usedBelow(2))) {
      reader.start();
      assertNextIsBlock(1L << 60);
      assertThat(next()).isEqualTo(new Admission.Used(FULL));
      assertThat(next()).as("nobody looks further").isEqualTo(new Admission.Used(FULL));
      assertNextIsBlock(2);
      assertThat(next()).isEqualTo(new Admission.Refused(FULL, Code.CDT_407, Optional.of(1L)));
      assertNextIsBlock(1);
      assertThat(reader.position(FULL)).isEqualTo(6);
    }
  }

  private static Admission givenUp(long sequence) {
    return new Admission.Refused(FULL, Code.CDT_412, Optional.of(sequence));
  }

  @Test
  void blocksWaitForTheirSessionAtTheSameTime() throws Exception {
    int number = 60;
    var consumed = blocks.blocksOfOneSession(number);
    for (int sequence = 0; sequence < number; sequence++) {
      write(FULL, sequence, consumed.get(sequence));
    }
    PartitionSetup late =
        blocks.setup(
            blocks.opener(),
            BANKS,
            BANKS.size() * BLOCKS_PER_BANK * ROWS,
            STALL_MILLIS,
            halted::complete);
    consumer.updateBeginningOffsets(Map.of(at(FULL), 0L, at(OTHER), 0L));
    consumer.updateEndOffsets(Map.of(at(FULL), (long) number, at(OTHER), 0L));
    try (var reader =
        new BlockReader(
            late,
            () -> consumer,
            OwnLog.initial(1, SealedBlocks.PARTITION),
            (admission, offset) -> admitted.add(admission))) {
      reader.start();
      assertThat(next()).isEqualTo(givenUp(0));
      for (long sequence = 1; sequence < number; sequence++) {
        assertThat(admitted.poll(STALL_MILLIS / 2, TimeUnit.MILLISECONDS))
            .as("all have waited at the same time")
            .isEqualTo(givenUp(sequence));
        reader.taken();
      }
    }
  }

  @Test
  void aBugThatABlockFindsIsToldAndTheNextBlocksAreRead() throws Exception {
    bugs.set(1);
    writeBlock(0);
    writeBlock(1);
    try (var lines = new LogLines(RefusalLog.class);
        BlockReader reader = reader()) {
      reader.start();
      assertNextFailed(FULL);
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

  @Test
  void oneBanksBlocksStopNothingHoweverManyFindABug() throws Exception {
    bugs.set(3);
    for (int sequence = 0; sequence < 3; sequence++) {
      writeBlock(sequence);
    }
    writeOthersBlock(0);
    try (BlockReader reader = reader()) {
      reader.start();
      for (int failed = 0; failed < 3; failed++) {
        assertNextFailed(FULL);
      }
      assertNextIsBlock(0);
      // A block was let in: what fails next is another bug, not one of the process's own.
      bugs.set(1);
      writeOthersBlock(1);
      assertNextFailed(OTHER);
      writeBlock(3);
      assertNextIsBlock(3);
    }
    assertThat(halted).isNotDone();
  }

  @Test
  void aBankWhoseNextBlockIsUsedUpDoesNotFailInARowWithOthers() throws Exception {
    bugs.set(2);
    writeNothing();
    write(FULL, 0, blocks.block(5, 1));
    write(FULL, 1, blocks.block(0, 1));
    writeOthersBlock(0);
    try (BlockReader reader = reader(usedBelow(1))) {
      reader.start();
      assertNextFailed(FULL);
      assertThat(next()).isEqualTo(new Admission.Used(FULL));
      assertNextFailed(OTHER);
    }
    assertThat(halted).isNotDone();
  }

  @Test
  void aTopicThatCannotBeReadStopsNoOtherAndIsReadAgain() throws Exception {
    writeBlock(0);
    try (var lines = new LogLines(BankTopics.class);
        BlockReader reader = reader()) {
      reader.start();
      assertNextIsBlock(0);
      consumer.setPollException(
          new KafkaException("Encountered corrupt message at offset 1 of partition " + at(FULL)));
      while (lines.all().isEmpty()) {
        Thread.sleep(1);
      }
      assertThat(lines.only())
          .containsEntry("code", "CDT-417")
          .containsEntry("bank", FULL)
          .containsEntry("offset", 1L);
      assertOtherIsRead(0);
      while (!consumer.assignment().contains(at(FULL))) {
        Thread.sleep(1);
      }
      writeBlock(1);
      assertNextIsBlock(1);
    }
    assertThat(halted).isNotDone();
  }

  @Test
  void failuresOfSeveralBanksInARowEndTheProcess() throws Exception {
    bugs.set(2);
    writeBlock(0);
    writeOthersBlock(0);
    try (BlockReader reader = reader()) {
      reader.start();
      assertNextFailed(FULL);
      assertThat(halted.get(60, TimeUnit.SECONDS))
          .isInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage("stands for any bug");
      assertThat(admitted).isEmpty();
      assertThat(reader.position(OTHER)).as("read again after the start").isZero();
    }
  }
}
