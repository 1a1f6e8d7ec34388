package org.concordat.schemas.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.RecordKind;
import org.concordat.schemas.share.Rep3Sharing;
import org.concordat.schemas.share.ShareField;
import org.concordat.schemas.share.ShareLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A block opens at its three aggregators to shares that rebuild it, and is sealed once. */
class BlockSealingTest {
  private static final int AGGREGATORS = SealingConsortium.AGGREGATORS;

  private final SealingConsortium consortium = new SealingConsortium("sealing");
  private final List<SealingSession> sessions = consortium.sessions(7);
  private final BlockSealer sealer = consortium.sealer(sessions);
  private final List<BlockOpener> openers = new ArrayList<>();

  BlockSealingTest() {
    for (int i = 0; i < AGGREGATORS; i++) {
      openers.add(consortium.opener(i));
      assertThat(openers.get(i).setup(sessions.get(i).setup())).isEmpty();
    }
  }

  private Opening.Opened open(int aggregator, Block block) {
    return (Opening.Opened) openers.get(aggregator).open(RecordCodec.encode(block));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 130, 1024})
  void threeCopiesRebuildTheBlock(int rows) {
    long[] words = SealingConsortium.words(rows);
    for (long sequence = 0; sequence < 3; sequence++) {
      BlockContent content = consortium.content(sequence, rows);
      List<Block> blocks = sealer.seal(content);
      long[][] first = new long[AGGREGATORS][];
      long[][] second = new long[AGGREGATORS][];
      for (int i = 0; i < AGGREGATORS; i++) {
        Opening.Opened opened = open(i, blocks.get(i));
        assertThat(opened.core().getSequence()).isEqualTo(sequence);
        assertThat(opened.eventMinutes()).isEqualTo(content.eventMinutes);
        assertThat(opened.transactionIds()).isEqualTo(content.transactionIds);
        assertThat(opened.headerDigest()).isEqualTo(open(0, blocks.get(0)).headerDigest());
        assertThat(opened.fits(words.length)).isTrue();
        assertThat(opened).hasToString("Opened[bank-a, 0/" + sequence + ", rows=" + rows + "]");
        first[i] = opened.first(words.length);
        second[i] = opened.second(words.length);
      }
      for (int i = 0; i < AGGREGATORS; i++) {
        assertThat(second[i]).isEqualTo(first[(i + 1) % AGGREGATORS]);
      }
      assertThat(
              Rep3Sharing.reconstruct(SealingConsortium.LAYOUT, rows, first[0], first[1], first[2]))
          .isEqualTo(words);
    }
  }

  @Test
  void aKeyThatIsDestroyedDuringASetUpLeavesNoSecretBehind() {
    var asked = new AtomicInteger();
    var opener =
        new BlockOpener(
            consortium.charter,
            SealingConsortium.aggregator(0),
            id -> asked.getAndIncrement() == 0 ? consortium.sealingKeys.getFirst() : null);
    assertThat(opener.setup(sessions.getFirst().setup())).contains(Code.CDT_412);
    Block block = sealer.seal(consortium.content(0, 1)).getFirst();
    assertThat(opener.open(RecordCodec.encode(block))).isInstanceOf(Opening.Waiting.class);
  }

  @Test
  void sharesAndCiphertextsAreFreshForTheSameInput() {
    List<Block> one = sealer.seal(consortium.content(0, 130));
    List<Block> two = sealer.seal(consortium.content(3, 130));
    int words = SealingConsortium.LAYOUT.words(130);
    for (int i = 0; i < AGGREGATORS; i++) {
      assertThat(one.get(i).getCiphertext()).isNotEqualTo(two.get(i).getCiphertext());
      assertThat(open(i, one.get(i)).first(words)).isNotEqualTo(open(i, two.get(i)).first(words));
      assertThat(open(i, one.get(i)).second(words)).isNotEqualTo(open(i, two.get(i)).second(words));
    }
  }

  /** Two of three components travel as seeds: a third of the bytes of three full shares. */
  @Test
  void aBlockTakesAboutTwoVectorsInAll() {
    int rows = 1024;
    int vector = 8 * SealingConsortium.LAYOUT.words(rows);
    int ids = 16 * rows;
    int total =
        sealer.seal(consortium.content(0, rows)).stream()
            .mapToInt(block -> block.getCiphertext().remaining())
            .sum();
    assertThat(total).isBetween(2 * vector + 3 * ids, 2 * vector + 3 * ids + 1_000);
  }

  @Test
  void aSequenceIsSealedOnceInASession() {
    sealer.seal(consortium.content(5, 1));
    assertThatThrownBy(() -> sealer.seal(consortium.content(5, 1)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> consortium.sealer(sessions).seal(consortium.content(4, 1)))
        .as("another sealer over the same sessions")
        .isInstanceOf(IllegalStateException.class);
    assertThat(sealer.seal(consortium.content(6, 1))).hasSize(AGGREGATORS);
  }

  @Test
  void aBlockThatAggregatorsWouldNotTakeIsNotSealed() {
    var layout = new ShareLayout(java.util.Collections.nCopies(64, ShareField.arithmetic()));
    assertThatThrownBy(() -> sealer.seal(wide(0, layout, 1024)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(sealer.seal(wide(1, layout, 900))).hasSize(AGGREGATORS);
  }

  private BlockContent wide(long sequence, ShareLayout layout, int rows) {
    return content(sequence, layout, rows, new long[rows], 0, 16 * rows, 32);
  }

  private BlockContent content(
      long sequence,
      ShareLayout layout,
      int rows,
      long[] minutes,
      long watermark,
      int idBytes,
      int hashBytes) {
    int shared = Math.clamp(rows, 1, 1024);
    return new BlockContent(
        0,
        sequence,
        RecordKind.LIVE,
        "wide",
        1,
        new byte[hashBytes],
        rows,
        minutes,
        watermark,
        new byte[idBytes],
        Rep3Sharing.split(layout, new long[layout.words(shared)], shared, 0, consortium.random));
  }

  @Test
  void contentKeepsItsLimits() {
    long max = BlockContent.MINUTE_MAX;
    assertThat(content(1, 16, 32, 1, max)).isNotNull();
    assertThat(content(1024, 16 * 1024, 32, 1024, -max)).isNotNull();
    refused(() -> content(0, 0, 32, 0, 0));
    refused(() -> content(1025, 16 * 1025, 32, 1025, 0));
    refused(() -> content(2, 16, 32, 2, 0));
    refused(() -> content(2, 32, 32, 1, 0));
    refused(() -> content(1, 16, 31, 1, 0));
    refused(() -> content(1, 16, 32, 1, max + 1));
    refused(() -> content(1, 16, 32, 1, -max - 1));
  }

  private BlockContent content(int rows, int idBytes, int hashBytes, int minutes, long minute) {
    long[] column = new long[minutes];
    Arrays.fill(column, minute);
    var layout = new ShareLayout(List.of(ShareField.bits(1)));
    return content(0, layout, rows, column, minute, idBytes, hashBytes);
  }

  private static void refused(Runnable content) {
    assertThatThrownBy(content::run).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sessionsOfDifferentNumbersOrTooFewMakeNoSealer() {
    refused(() -> consortium.sealer(sessions.subList(0, 2)));
    refused(
        () ->
            consortium.sealer(List.of(sessions.get(0), sessions.get(1), consortium.session(2, 8))));
  }

  @Test
  void nothingIsPrinted() {
    assertThat(sessions.getFirst()).hasToString("SealingSession[agg-1, 7]");
    assertThat(consortium.content(2, 3)).hasToString("BlockContent[0/2, rows=3]");
  }
}
