package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.concordat.aggregator.worker.WaitingBlocks.Sealed;
import org.junit.jupiter.api.Test;

/** How much of a bank waits for its session before the bank isn't read on. */
class WaitingBlocksTest {
  private final WaitingBlocks waiting = new WaitingBlocks();

  @Test
  void theNumberOfBlocksIsBounded() {
    for (int i = 0; i < WaitingBlocks.BLOCKS_MAX; i++) {
      waiting.add(new Sealed(i, null, 0));
    }
    assertThat(waiting.isFull()).as("at the bound").isFalse();
    waiting.add(new Sealed(WaitingBlocks.BLOCKS_MAX, null, 0));
    assertThat(waiting.isFull()).as("one past it").isTrue();
  }

  @Test
  void theirBytesAreBounded() {
    int half = (int) (WaitingBlocks.BYTES_MAX / 2);
    waiting.add(new Sealed(1, new byte[half], 0));
    waiting.add(new Sealed(2, new byte[half], 0));
    assertThat(waiting.isFull()).as("at the bound").isFalse();
    waiting.add(new Sealed(3, new byte[1], 0));
    assertThat(waiting.isFull()).as("one past it").isTrue();
  }

  @Test
  void whatComesWhileItIsFullIsKeptInOrderAndDrainingMakesRoom() {
    int more = (int) WaitingBlocks.BYTES_MAX + 1;
    waiting.add(new Sealed(7, new byte[more], 0));
    waiting.add(new Sealed(8, new byte[1], 0));
    waiting.add(new Sealed(10, null, 0));
    var drained = waiting.drain();
    assertThat(drained).extracting(Sealed::offset).containsExactly(7L, 8L, 10L);
    assertThat(waiting.isEmpty()).isTrue();
    for (Sealed block : drained.subList(1, 3)) {
      waiting.add(block);
    }
    assertThat(waiting.isFull()).as("what has left counts no more").isFalse();
    assertThat(waiting.drain()).extracting(Sealed::offset).containsExactly(8L, 10L);
  }
}
