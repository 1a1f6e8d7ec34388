package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where reading goes on after a restart, and what a cut frees. */
class BlockShelfTest {
  private static final String BANK = SealedBlocks.BANK;
  private final SealedBlocks blocks = new SealedBlocks();
  private final BlockGate gate = blocks.gate(blocks.openerInSession());
  private final BlockShelf shelf = new BlockShelf(List.of(BANK), Map.of(BANK, 10L));

  private boolean hold(long sequence, long offset) {
    var accepted = (Admission.Accepted) gate.admit(BANK, offset, blocks.block(sequence, 65));
    shelf.take(BANK, offset);
    return shelf.hold(BANK, sequence, accepted.block());
  }

  @Test
  void readingGoesOnWhereItStoodIfNothingCame() {
    assertThat(shelf.resumeOffset(BANK, 5)).isEqualTo(10);
  }

  @Test
  void readingGoesOnAtTheFirstBlockThatIsNotUsedUp() {
    hold(5, 10);
    hold(7, 11);
    hold(6, 12);
    assertThat(shelf.resumeOffset(BANK, 5)).isEqualTo(10);
    assertThat(shelf.resumeOffset(BANK, 6)).isEqualTo(11);
    assertThat(shelf.resumeOffset(BANK, 7)).as("it came before the one that is used").isEqualTo(11);
    assertThat(shelf.resumeOffset(BANK, 8)).isEqualTo(13);
  }

  @Test
  void anUnusableBlockIsReadAgainToComplainAgain() {
    shelf.take(BANK, 10);
    shelf.refuse(BANK, 5, 10);
    hold(6, 11);
    assertThat(shelf.resumeOffset(BANK, 5)).isEqualTo(10);
    assertThat(shelf.resumeOffset(BANK, 6)).as("skipped").isEqualTo(11);
  }

  @Test
  void unusableBlocksAreRememberedWithinABound() {
    for (long s = 0; s <= BlockShelf.REFUSED_PER_BANK_MAX; s++) {
      shelf.take(BANK, 10 + s);
      shelf.refuse(BANK, s, 10 + s);
    }
    long past = BlockShelf.REFUSED_PER_BANK_MAX;
    assertThat(shelf.resumeOffset(BANK, past - 1)).isEqualTo(10 + past - 1);
    assertThat(shelf.resumeOffset(BANK, past)).as("one past is forgotten").isEqualTo(10 + past + 1);
  }

  @Test
  void theFirstCopyStays() {
    assertThat(hold(5, 10)).isTrue();
    assertThat(hold(5, 11)).isFalse();
    HeldBlock kept = shelf.block(BANK, 5);
    assertThat(kept).isNotNull();
    assertThat(kept.offset()).isEqualTo(10);
  }

  @Test
  void aCutFreesTheRoomOfWhatItUsesUp() {
    hold(5, 10);
    hold(6, 11);
    hold(7, 12);
    assertThat(shelf.release(BANK, 7)).as("two blocks of 65 rows").isEqualTo(2 * 128);
    assertThat(shelf.block(BANK, 6)).isNull();
    assertThat(shelf.block(BANK, 7)).isNotNull();
    Map<String, Long> oldest = new HashMap<>();
    shelf.oldestNanos(oldest);
    assertThat(oldest).containsOnlyKeys(BANK);
    assertThat(shelf.release(BANK, 8)).isEqualTo(128);
    shelf.oldestNanos(oldest);
    assertThat(oldest).isEmpty();
  }
}
