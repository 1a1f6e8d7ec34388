package org.concordat.agent.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpoolIndexTest {
  private final SpoolIndex index = new SpoolIndex();

  private static BlockPosition at(int partition, long sequence) {
    return new BlockPosition(partition, sequence);
  }

  private void add(int partition, long sequence, long acceptedMillis, int attempt) {
    index.add(new SpooledBlock(at(partition, sequence), 1, 100, acceptedMillis, 1, attempt, 0));
  }

  @Test
  void anEighthOfTheHeapIsForBlocks() {
    assertThat(SpoolIndex.blocksMax(1L << 30)).isEqualTo(838_860);
    long ofTwo = 2 * SpoolIndex.HEAP_PARTS * SpoolIndex.BLOCK_BYTES;
    assertThat(SpoolIndex.blocksMax(ofTwo)).isEqualTo(2);
    assertThat(SpoolIndex.blocksMax(ofTwo - 1)).isEqualTo(1);
    assertThat(SpoolIndex.blocksMax(1)).isEqualTo(1);
    assertThat(SpoolIndex.blocksMax(Long.MAX_VALUE)).isPositive();
  }

  @Test
  void blocksAndBytesAreThoseThatAreThere() {
    add(0, 0, 10, 0);
    add(0, 1, 20, 1);
    assertThat(index.blocks()).isEqualTo(2);
    assertThat(index.bytes()).isEqualTo(200);
    index.remove(at(0, 1));
    index.remove(at(0, 1));
    index.remove(at(1, 0));
    assertThat(index.blocks()).isEqualTo(1);
    assertThat(index.bytes()).isEqualTo(100);
    assertThat(index.contains(at(0, 0))).isTrue();
    assertThat(index.contains(at(0, 1))).isFalse();
  }

  @Test
  void theOldestIsTheFirstOfSomePartition() {
    assertThat(index.oldestMillis()).isEmpty();
    add(3, 0, 30, 0);
    add(3, 1, 60, 0);
    add(7, 0, 20, 0);
    add(7, 1, 50, 0);
    add(9, 0, 40, 0);
    assertThat(index.oldestMillis()).contains(20L);
    index.remove(at(7, 0));
    assertThat(index.oldestMillis()).contains(30L);
    index.remove(at(3, 0));
    assertThat(index.oldestMillis()).contains(40L);
    index.remove(at(9, 0));
    assertThat(index.oldestMillis()).contains(50L);
    index.remove(at(7, 1));
    index.remove(at(3, 1));
    assertThat(index.oldestMillis()).isEmpty();
  }

  /** Its sequence is the last, and its rows are the oldest. */
  @Test
  void rowsThatAreSentAgainAreAsOldAsBefore() {
    add(0, 0, 10, 0);
    add(0, 1, 20, 0);
    add(0, 2, 10, 1);
    index.remove(at(0, 0));
    assertThat(index.oldestMillis()).contains(10L);
    index.remove(at(0, 2));
    assertThat(index.oldestMillis()).contains(20L);
  }
}
