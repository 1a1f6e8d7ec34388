package org.concordat.aggregator.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.seal.BlockOpener;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;

/** What becomes of a record from a bank's topic; each refusal has a code of its own. */
class BlockGateTest {
  private final SealedBlocks blocks = new SealedBlocks();
  private final BlockGate gate = blocks.gate(blocks.openerInSession());

  private static final ShareLayout LAYOUT =
      new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(10)));

  @Test
  void aGoodBlockIsAccepted() {
    assertThat(admit(blocks.block(4, 100)))
        .isInstanceOfSatisfying(
            Admission.Accepted.class,
            accepted -> {
              assertThat(accepted.sequence()).isEqualTo(4);
              assertThat(accepted.block().offset()).isEqualTo(9);
              assertThat(accepted.block().rows()).isEqualTo(100);
              assertThat(accepted.block().room()).as("whole words").isEqualTo(128);
            });
  }

  @Test
  void aBlockWaitsForItsSessionAndCanBeGivenUp() {
    BlockGate early = blocks.gate(blocks.opener());
    assertThat(early.admit(SealedBlocks.BANK, 9, blocks.block(4, 10)))
        .isInstanceOfSatisfying(
            Admission.Waiting.class,
            waiting ->
                assertThat(waiting.givenUp())
                    .isEqualTo(
                        new Admission.Refused(SealedBlocks.BANK, Code.CDT_412, Optional.of(4L))));
  }

  @Test
  void nobodyWaitsForAnotherBanksSession() {
    BlockGate early = blocks.gate(blocks.opener());
    assertThat(early.admit(SealedBlocks.BANK, 9, blocks.otherBlock(4, 10)))
        .isEqualTo(new Admission.Refused(SealedBlocks.BANK, Code.CDT_413, Optional.empty()));
  }

  @Test
  void whatIsNoBlockIsRefusedWithoutAPosition() {
    for (byte[] bytes : List.of(new byte[0], new byte[] {1, 2, 3}, new byte[1 << 20])) {
      assertRefused(admit(bytes), Code.CDT_401, Optional.empty());
    }
    assertRefused(gate.admit(SealedBlocks.BANK, 9, null), Code.CDT_401, Optional.empty());
  }

  @Test
  void aTruncatedOrChangedBlockNeverThrows() {
    byte[] good = blocks.block(4, 10);
    for (int length = 0; length < good.length; length += 7) {
      assertThat(admit(Arrays.copyOf(good, length))).isInstanceOf(Admission.Refused.class);
    }
    for (int at = 0; at < good.length; at += 11) {
      byte[] flipped = good.clone();
      flipped[at] ^= 0x10;
      assertThat(admit(flipped)).isInstanceOf(Admission.Refused.class);
    }
  }

  @Test
  void aBlockCopiedToAnotherPlaceSaysNothingAboutThatPlace() {
    assertRefused(gate.admit("bank-b", 9, blocks.block(4, 10)), Code.CDT_413, Optional.empty());
    byte[] ofOtherPartition = blocks.block(0, 4, 10, "payments", 1, LAYOUT);
    assertRefused(admit(ofOtherPartition), Code.CDT_413, Optional.empty());
  }

  @Test
  void whatIsUsedUpIsKnownByItsOwnWord() {
    byte[] block = blocks.block(4, 10);
    byte[] broken = block.clone();
    broken[broken.length - 1] ^= 1;
    assertThat(gate.isUsed(SealedBlocks.BANK, 5, block)).isTrue();
    assertThat(gate.isUsed(SealedBlocks.BANK, 5, broken)).isTrue();
    assertThat(blocks.gate(blocks.opener()).isUsed(SealedBlocks.BANK, 5, block))
        .as("no session is needed")
        .isTrue();
    assertThat(gate.isUsed(SealedBlocks.BANK, 4, block)).isFalse();
    assertThat(gate.isUsed(SealedBlocks.BANK, 0, block)).isFalse();
    assertThat(gate.isUsed("bank-b", 5, block)).isFalse();
    byte[] ofOtherPartition = blocks.block(0, 4, 10, "payments", 1, LAYOUT);
    assertThat(gate.isUsed(SealedBlocks.BANK, 5, ofOtherPartition)).isFalse();
    assertThat(gate.isUsed(SealedBlocks.BANK, 5, new byte[] {1, 2, 3})).isFalse();
    assertThat(gate.isUsed(SealedBlocks.BANK, 5, null)).isFalse();
  }

  @Test
  void aSequenceBeyondTheLimitSaysNothingAboutWhatIsMissingBefore() {
    byte[] beyond = blocks.block(BlockOpener.SEQUENCE_MAX + 1, 10);
    assertRefused(admit(beyond), Code.CDT_416, Optional.empty());
    byte[] last = blocks.block(BlockOpener.SEQUENCE_MAX, 10);
    assertThat(admit(last)).isInstanceOf(Admission.Accepted.class);
  }

  @Test
  void aContractOutsideTheOverlapIsRefused() {
    assertRefused(
        admit(blocks.block(SealedBlocks.PARTITION, 4, 10, "payments", 2, LAYOUT)),
        Code.CDT_414,
        Optional.of(4L));
    assertRefused(
        admit(blocks.block(SealedBlocks.PARTITION, 4, 10, "other", 1, LAYOUT)),
        Code.CDT_414,
        Optional.of(4L));
  }

  @Test
  void componentsOfAnotherLengthAreRefused() {
    var longer = new ShareLayout(List.of(ShareField.arithmetic(), ShareField.bits(11)));
    assertRefused(
        admit(blocks.block(SealedBlocks.PARTITION, 4, 10, "payments", 1, longer)),
        Code.CDT_415,
        Optional.of(4L));
  }

  private Admission admit(byte[] record) {
    return gate.admit(SealedBlocks.BANK, 9, record);
  }

  private static void assertRefused(Admission admission, Code code, Optional<Long> sequence) {
    assertThat(admission)
        .isInstanceOfSatisfying(
            Admission.Refused.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(code);
              assertThat(refused.sequence()).isEqualTo(sequence);
            });
  }
}
